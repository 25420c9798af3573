"""How reports say things: numbers short, names printable, plurals right. Shared by every report; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treedebug.core import phrases
from treedebug.core.changes import EXPERIMENT, QUESTION, Change, alternatives
from treedebug.core.findings import Severity, Verdict
from treedebug.core.report import Score

_TOO_LONG = 1e7
_LONG_LIST = 4
_LARGE = 10_000
_VERY_LARGE = 1e15


printable, one_line = phrases.printable, phrases.one_line


def plural(count: int, noun: str) -> str:
    """Say "1 round", "2 rounds"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def short(value: Any) -> str:
    """Return a value as a person reads it: four significant digits, long lists cut, None as a dash."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _short_float(value)
    if isinstance(value, Mapping):
        return _short_items([f"{printable(str(k))}: {short(v)}" for k, v in value.items()])
    if isinstance(value, list | tuple):
        return _short_items([short(v) for v in value])
    return printable(str(value))


def _short_float(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < _VERY_LARGE:
        return str(int(value))
    if _LARGE <= abs(value) < _VERY_LARGE:
        return f"{value:.0f}"
    return f"{value:.4g}"


def _short_items(items: Sequence[str]) -> str:
    shown = ", ".join(items[:_LONG_LIST])
    return f"[{shown}, ... {len(items)} in all]" if len(items) > _LONG_LIST else f"[{shown}]"


def evidence_text(evidence: Mapping[str, Any]) -> str:
    """Say "best_round=93, regret=0.12": the numbers behind a message, under the names they have in JSON."""
    return ", ".join(f"{printable(k)}={short(v)}" for k, v in evidence.items() if v is not None)


def rounds_text(rounds: tuple[int, int] | None) -> str:
    """Say "round 93", "rounds 93 to 499", or nothing."""
    if rounds is None:
        return ""
    first, last = rounds
    return f"round {first}" if first == last else f"rounds {first} to {last}"


def change_text(change: Change) -> str:
    """Say "max_depth=6": a change as the user would type it; of a long list its beginning."""
    if not change.text and isinstance(change.value, list) and len(change.value) > _LONG_LIST:
        items = [repr(v) for v in change.value]
        return printable(f"{change.parameter}={_short_items(items)}")
    return printable(str(change))


def way_text(changes: Iterable[Change]) -> str:
    """Say "eta=0.075, num_boost_round=2000": changes that go together, whole, to be copied."""
    return ", ".join(printable(str(c)) for c in changes)


def lead_text(change: Change) -> str:
    """Say "try: ", or what else is to be done with it."""
    return {QUESTION: "ask: ", EXPERIMENT: "find out: "}.get(change.kind, "try: ")


def tried_text(changes: Iterable[Change]) -> str:
    """Say "try eta=0.075, subsample=0.7, or num_boost_round=36; ask: ...": what a finding proposes, on a line."""
    given = list(changes)
    ways = [w for w in alternatives(c for c in given if c.is_followed) if w]
    short = [", ".join(change_text(c) for c in way) for way in ways]
    rest = [f"{lead_text(c)}{change_text(c)}" for c in given if not c.is_followed]
    return "; ".join([*(["try " + ", or ".join(short)] if short else []), *rest])


def codes_text(codes: Iterable[str]) -> str:
    """Say "CV101, DA601 to DA606": codes in order, three and more that follow each other by the first and the last."""
    runs: list[list[str]] = []
    for code in sorted(set(codes)):
        is_next = runs and runs[-1][-1][:-3] == code[:-3] and int(code[-3:]) == int(runs[-1][-1][-3:]) + 1
        runs[-1].append(code) if is_next else runs.append([code])
    return ", ".join(f"{r[0]} to {r[-1]}" if len(r) > 2 else ", ".join(r) for r in runs)  # two are named


def summary_text(verdict: Verdict) -> str:
    """Say "2 warnings, 1 info in 500 rounds; 10 rules silent, 2 skipped"."""
    counts = {s: sum(f.severity == s for f in verdict.findings) for s in reversed(Severity)}
    parts = [_count_text(n, s) for s, n in counts.items() if n]
    found = ", ".join(parts) or ("nothing found" if verdict.silent else "no rule could judge")
    rules = [f"{plural(len(verdict.silent), 'rule')} silent"]
    skipped = sum(not rule.is_elsewhere for rule in verdict.skipped)
    if skipped:
        rules.append(f"{skipped} skipped")
    if verdict.crashed:
        rules.append(f"{len(verdict.crashed)} crashed")
    after = f" in {plural(verdict.n_rounds, 'round')}" if verdict.n_rounds else ""
    return f"{found}{after}; {', '.join(rules)}"


def _count_text(count: int, severity: Severity) -> str:
    return f"{count} info" if severity is Severity.INFO else plural(count, severity.label)


def score_text(score: Score, *, library: object = "") -> str:
    """Say "valid logloss: best 0.1413 in round 35, 0.1517 at the end"; LightGBM's own numbering beside ours."""
    head = f"{printable(score.dataset)} {printable(score.metric)}: best {short(score.best)} in round {score.best_round}"
    if library == "lightgbm":
        head += f" (LightGBM's iteration {score.best_round + 1})"
    return head if score.last == score.best else f"{head}, {short(score.last)} at the end"


def facts_text(facts: Mapping[str, Any]) -> str:
    """Say "xgboost gbtree, binary:logistic, 500 rounds, finished": the heading's facts in one phrase."""
    known = {k: v for k, v in facts.items() if v is not None and v != "" and (k, v) != ("n_classes", 0)}
    maker = " ".join(str(known.pop(k)) for k in ("library", "version", "booster") if k in known)
    bare = [maker, *(str(known.pop(k)) for k in ("objective",) if k in known)]
    if "n_rounds" in known:
        bare.append(plural(int(known.pop("n_rounds")), "round"))
    bare += [str(known.pop(k)) for k in ("state",) if k in known]
    rest = [_fact_text(k, v) for k, v in known.items()]
    return printable(", ".join(p for p in bare + rest if p))


def _fact_text(name: str, value: Any) -> str:
    if name.startswith("n_") and isinstance(value, int):
        noun = name.removeprefix("n_").replace("_", " ")
        return f"{value} {noun}"
    return f"{name.replace('_', ' ')} {short(value)}"


def duration_text(seconds: float) -> str:
    """Say "45s", "3m20s" or "2h05m"; "long" of what takes months."""
    if not seconds < _TOO_LONG:
        return "long"
    whole = int(seconds + 0.5)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
