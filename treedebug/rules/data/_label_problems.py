"""What can be wrong with labels as such: the known cases of DA617."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from treedebug.core.data.column_profile import NUMBER, NUMBERS, Value
from treedebug.core.data.table_profile import LabelProfile
from treedebug.core.findings import Severity
from treedebug.core.params.parameter_names import objective_name
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.rules.data._column_words import MOST, rows, values
from treedebug.rules.data._sentinel_codes import is_code, only_negative
from treedebug.signals.params.parameter_view import objective_family

_REPEATED, _FAR = 3, 0.5


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the labels of one set; `change` is (parameter, value, why)."""

    kind: str
    message: str
    severity: Severity
    numbers: dict[str, Any]
    change: tuple[str, Any, str] | None = None


def of_values(label: LabelProfile) -> Iterator[Fault]:
    """Labels that are not there, or not finite."""
    column = label.column
    absent = column.n_missing + column.n_empty
    if absent:
        share = percent(absent / max(column.n_rows, 1))
        drop = ("drop_rows", "without a label", "no booster can learn from them")
        yield Fault("missing", f"{rows(absent)} ({share}) without a label", Severity.ERROR, {"n_missing": absent}, drop)
    odd = column.n_infinite + column.n_beyond_float32
    if odd:
        drop = ("drop_rows", "with an infinite label", "one of them makes every gradient infinite")
        yield Fault("infinite", f"{rows(odd)} with a label that is infinite, or beyond float32", Severity.ERROR,
                    {"n_infinite": odd}, drop)  # fmt: skip


def of_codes(label: LabelProfile) -> Iterator[Fault]:
    """A number such as -999 among amounts, that may stand for a missing label."""
    for sentinel in label.column.sentinels:
        if label.kind == NUMBERS and sentinel.count >= _REPEATED and sentinel.side in ("low", "high"):
            usual = is_code(sentinel.value) and (sentinel.gap >= _FAR or only_negative(label.column, sentinel))
            if usual:
                share = percent(sentinel.count / max(label.n_labelled, 1))
                drop = ("drop_rows", f"with the label {figure(sentinel.value)}", "if it stands for a missing one")
                yield Fault("code", f"the label is {figure(sentinel.value)} in {rows(sentinel.count)} ({share}), far "
                            "from all others: it seems to stand for a missing one", Severity.WARNING,
                            {"n_rows": sentinel.count, "value": sentinel.value}, drop)  # fmt: skip


def of_text(label: LabelProfile) -> Iterator[Fault]:
    """Numbers written as text."""
    reading = label.column.reads_as
    if reading is not None and label.column.is_amount:
        change = ("to_numeric", [label.column.name], f"read as numbers first: {reading.how}")
        yield Fault("text", f"the label is a number written as text ({reading.example!r}): it is taken for "
                    f"{label.column.n_distinct} classes", Severity.ERROR, {"how": reading.how}, change)  # fmt: skip


def of_spelling(label: LabelProfile) -> Iterator[Fault]:
    """Classes that differ by case or white space only."""
    column = label.column
    if column.variants:
        spelt = [v.value for v in column.variants[0].values]
        change = ("normalize", [column.name], "strip white space, one case")
        yield Fault("spelling", f"one class in several spellings: {values(spelt)}", Severity.WARNING,
                    {"values": spelt[:MOST], "n_variants": column.n_variants}, change)  # fmt: skip


def of_numbering(label: LabelProfile, min_share: float, elsewhere: Iterable[Value]) -> Iterator[Fault]:
    """Whole numbers that are not 0, 1, 2, ... without a gap, those of all sets taken together.

    The last ones may be as rare as those of counts.
    """
    found = [(c.value, c.count) for c in label.classes if c.count]
    if len(found) < 2 or label.column.kind != NUMBER or not all(_is_whole(v) for v, _ in found):
        return
    numbers = sorted({int(v) for v, _ in found} | {int(v) for v in elsewhere if _is_whole(v)})
    if numbers == list(range(len(numbers))):
        return
    rare = found[-1][1] < min_share * label.n_labelled and numbers[0] == 0
    if rare:
        return
    absent = [n for n in range(min(numbers[-1], 1000)) if n not in set(numbers)]
    change = ("relabel", {str(n): k for k, n in enumerate(numbers[:MOST])}, "classes are numbered from 0")
    yield Fault(
        "numbering",
        f"the classes are numbered {values(numbers)} and not 0 to {len(numbers) - 1}",
        Severity.WARNING,
        {"classes": numbers[:MOST], "n_classes": len(numbers), "gaps": absent[:MOST]},
        change,
    )


def of_domain(label: LabelProfile, header: Header) -> Iterator[Fault]:
    """Numbers outside what the objective takes, where it is known."""
    family, column = objective_family(header.objective, header.library), label.column
    low, high = column.minimum, column.maximum
    if not math.isfinite(low + high):
        return
    name = objective_name(header.objective, header.library)
    wrong = ""
    if family == "binary" and (low < 0 or high > 1):
        wrong = f"from {figure(low)} to {figure(high)}, and {name} takes 0 to 1"
    elif family in ("count", "tweedie", "positive") and (low < 0 or (low <= 0 and family == "positive")):
        wrong = f"down to {figure(low)}, and {name} needs them {'positive' if family == 'positive' else '0 or more'}"
    elif family == "multi" and (low < 0 or not column.whole_numbers):
        wrong = f"from {figure(low)} to {figure(high)}, and {name} takes class numbers from 0"
    if wrong:
        numbers = {"minimum": low, "maximum": high, "objective": name}
        yield Fault("objective", f"the labels go {wrong}", Severity.ERROR, numbers)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
