"""The figures of the situations, as tables for the terminal and as the page docs/situations.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from _common import describe, machine, percent, table

from .core import FIFTH as FIFTH_BATCH
from .core import FIRST as FIRST_BATCH
from .core import FOURTH as FOURTH_BATCH
from .core import SECOND as SECOND_BATCH
from .core import THIRD as THIRD_BATCH
from .core import TUNE
from .judging import ALARM, BEHIND, FIRST, MISLEADING, NOTHING, OTHER, OUTCOMES, SILENT

Facts = dict[str, Any]

MEANING = {
    FIRST: "the true cause stands first",
    BEHIND: "the true cause is named, behind something else that is true",
    MISLEADING: "what stands first leads away from the cause",
    OTHER: "something true is said, and not the cause",
    NOTHING: "nothing is said",
}
QUESTIONS = {
    "stackoverflow": "stackoverflow",
    "stats.stackexchange": "stats.stackexchange",
    "datascience.stackexchange": "datascience.stackexchange",
}
COMMAND = "python benchmarks/situations.py --docs docs/situations.md"


JUDGED = """\
A situation is judged by what its user reads first: the findings of the run, or, where no run can tell, those of
`check_params`, of the check of the tables, or of `compare`. A finding names the cause if its text has the words for it
(they stand in `benchmarks/_situations/`), whatever its code. Infos do not count. Every situation is trained the right
way, too: the last column has the loss of both, on rows that nothing has looked at. Rules were made with the first
situations before their makers' eyes (tune). The others (report) were rebuilt in five batches from threads that nobody
had read, words for their causes and all, and only then judged. After each batch the kinds it had missed were mended,
and the next was chosen among other threads. At their first look:

| batch | situations | cause first | something else true first     | misled  | nothing said | healthy with an alarm |
|-------|------------|-------------|-------------------------------|---------|--------------|-----------------------|
| 1     | 28         | 20 (71 %)   | 3 (11 %)                      | 0       | 5 (18 %)     |                       |
| 2     | 31         | 11 (35 %)   | 9 (29 %)                      | 2 (6 %) | 9 (29 %)     | 2 of 8                |
| 3     | 24         | 7 (29 %)    | 13 (54 %)                     | 0       | 4 (17 %)     | 3 of 6                |
| 4     | 68         | 29 (43 %)   | 20 (29 %)                     | 5 (7 %) | 14 (21 %)    | 5 of 15               |
| 5     | 36         | 22 (61 %)   | 8 (22 %)                      | 0       | 6 (17 %)     | 4 of 9                |

Read by a person it is 6, 28 and 21 first in the third, fourth and fifth: some matched by a word of no account, two did
in words that had not been thought of. The first batch was near to what the rules knew; the fifth was looked for by the
same people, within the hour, as the fourth. Those are the figures to expect elsewhere. The table below has what is said
today, after the kinds that were missed have been mended."""
PARTS = {
    TUNE: "tune",
    FIRST_BATCH: "report 1",
    SECOND_BATCH: "report 2",
    THIRD_BATCH: "report 3",
    FOURTH_BATCH: "report 4",
    FIFTH_BATCH: "report 5",
}


def is_healthy(facts: Facts) -> bool:
    return facts["outcome"] in (SILENT, ALARM)


def distribution(all_facts: Sequence[Facts]) -> str:
    """How often each outcome came, in each batch of threads and in all."""
    here = {f["batch"] for f in all_facts}
    parts = {name: (batch,) for batch, name in PARTS.items() if batch in here} | {"all": tuple(PARTS)}
    faulty = [f for f in all_facts if not is_healthy(f)]
    columns = {name: [f for f in faulty if f["batch"] in batches] for name, batches in parts.items()}
    counts = {name: Counter(f["outcome"] for f in some) for name, some in columns.items()}
    rows = [
        [f"{key}: {MEANING[key]}"]
        + [f"{counts[n][key]} ({percent(counts[n][key] / len(columns[n]) if columns[n] else None)})" for n in parts]
        for key in OUTCOMES
    ]
    rows.append(["situations", *(str(len(columns[n])) for n in parts)])
    named = {n: [f for f in columns[n] if f["outcome"] not in (FIRST, BEHIND) and _elsewhere(f)] for n in parts}
    rows.append(["of those not named in the asked place: named in another", *(str(len(named[n])) for n in parts)])
    still = {n: [f for f in columns[n] if f["still_named_when_mended"]] for n in parts}
    rows.append(["the cause is still named when it is mended", *(str(len(still[n])) for n in parts)])
    healthy = {n: [f for f in all_facts if is_healthy(f) and f["batch"] in batches] for n, batches in parts.items()}
    alarms = {n: sum(f["outcome"] == ALARM for f in healthy[n]) for n in parts}
    rows.append(["healthy trainings with a false alarm", *(f"{alarms[n]} of {len(healthy[n])}" for n in parts)])
    return table(["outcome", *parts], rows)


def _elsewhere(facts: Facts) -> list[str]:
    return [place for place, seen in facts["elsewhere"].items() if seen in (FIRST, BEHIND)]


def _harm(facts: Facts) -> str:
    if "mended_loss" not in facts:
        return "" if facts["measure"] == "not measured" else f"{facts['measure']} {facts['loss']:.3g}"
    return f"{facts['measure']} {facts['loss']:.3g}, right {facts['mended_loss']:.3g}"


def each(all_facts: Sequence[Facts]) -> str:
    """A line for each situation."""
    rows = [
        [
            f["name"], PARTS[f["batch"]], f["asked"], f["outcome"], " ".join(_elsewhere(f)) if "elsewhere" in f else "",
            f["said"][0].split(" ")[0].strip(":") if f["said"] else "", _harm(f),
        ]
        for f in all_facts
    ]  # fmt: skip
    return table(["situation", "part", "asked", "outcome", "also named by", "said first", "what it costs"], rows)


def link(thread: str) -> str:
    """A thread as a link: `owner/name #number`, or a question of Stack Exchange."""
    repository, number = thread.split(" #")
    if repository in QUESTIONS:
        return f"[{thread}](https://{QUESTIONS[repository]}.com/questions/{number})"
    return f"[{thread}](https://github.com/{repository}/issues/{number})"


def page(all_facts: Sequence[Facts]) -> str:
    """docs/situations.md."""
    faulty = [f for f in all_facts if not is_healthy(f)]
    healthy = [f for f in all_facts if is_healthy(f)]
    parts = [
        "# Situations people met",
        _opening(len(faulty), len(healthy)),
        f"```sh\n{COMMAND}\n```",
        f"on {describe(machine())}. Do not edit it by hand.",
        JUDGED,
        "## Outcome",
        distribution(all_facts),
        "## What is missed",
        _missed(faulty),
        "## All situations",
        *(_of_kind(kind, faulty) for kind in dict.fromkeys(f["kind"] for f in faulty)),
        "## Nothing is wrong",
        _healthy(healthy),
    ]
    return "\n\n".join(parts) + "\n"


def nets(all_facts: Sequence[Facts]) -> str:
    """The figures of the situations of networks, for docs/nn-benchmark.md."""
    kinds = dict.fromkeys(f["kind"] for f in all_facts)
    parts = [f"On {describe(machine())}.", distribution(all_facts), *(_of_kind(kind, all_facts) for kind in kinds)]
    return "\n\n".join(parts)


def _opening(n_faulty: int, n_healthy: int) -> str:
    return (
        f"{n_faulty} situations from public threads about XGBoost and LightGBM, each rebuilt in a few lines with\n"
        f"small data, and {n_healthy} trainings in which nothing is wrong. Default settings, one thread. Written by"
    )


def _missed(faulty: Sequence[Facts]) -> str:
    missed = [f for f in faulty if f["outcome"] not in (FIRST, BEHIND)]
    rows = [
        [
            f["kind"],
            f["name"],
            PARTS[f["batch"]],
            f["outcome"],
            " ".join(_elsewhere(f)),
            f["said"][0][:90] if f["said"] else "",
        ]
        for f in sorted(missed, key=lambda f: (f["kind"], f["name"]))
    ]
    return table(
        ["kind", "situation", "part", "outcome", "named by", "said first"], [[_plain(c) for c in r] for r in rows]
    )


def _plain(cell: str) -> str:
    return cell.replace("|", "/").replace("\n", " ")


def _of_kind(kind: str, faulty: Sequence[Facts]) -> str:
    rows = [
        [f["name"], link(f["thread"]), _plain(f["story"]), PARTS[f["batch"]], f["asked"], f["outcome"], _harm(f)]
        for f in faulty if f["kind"] == kind
    ]  # fmt: skip
    return f"### {kind}\n\n" + table(
        ["situation", "after", "what happened", "part", "asked", "outcome", "what it costs"], rows
    )


def _healthy(healthy: Sequence[Facts]) -> str:
    rows = [[f["name"], link(f["thread"]), _plain(f["story"]), f["outcome"]] for f in healthy]
    return table(["training", "after", "what it is", "outcome"], rows)
