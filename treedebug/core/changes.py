"""What a finding proposes: changes, what each is, which go together, and what they are expected to bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PARAMETER, DATA, EXPERIMENT, QUESTION = "parameter", "data", "experiment", "question"
"""Kinds: an argument of the library's training; something to do with the data; a training that only tells what is
wrong; a question to the user, on whose answer the rest depends."""
LOWER, SAME, HIGHER = "lower", "same", "higher"


class Effect(NamedTuple):
    """What a change is expected to do: each of lower, same, higher, or "" where that is not known."""

    loss: str = ""
    size: str = ""
    time: str = ""

    def __str__(self) -> str:
        """Say "loss lower, size same", of what is known."""
        return ", ".join(f"{name} {value}" for name, value in self._asdict().items() if value)


@dataclass(frozen=True)
class Change:
    """One thing to try next: a parameter and the value to give it (`max_depth=6`).

    Changes of one finding with the same `group` go together; each further group is an alternative to the first. Those
    without a group go with every one. `text` is what the user types, where that is not `parameter=value`.
    """

    parameter: str
    value: Any
    why: str = ""
    kind: str = PARAMETER
    group: str = ""
    effect: Effect = field(default=Effect())
    text: str = ""

    def __str__(self) -> str:
        """Return the change as the user would type it, or the question."""
        return self.text or f"{self.parameter}={self.value!r}"

    @property
    def is_followed(self) -> bool:
        """Whether it can be done as it stands: no question, and no experiment."""
        return self.kind in (PARAMETER, DATA)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data; what is not known is left out."""
        effect = {name: value for name, value in self.effect._asdict().items() if value}
        known = {"group": self.group, "text": self.text, "effect": effect}
        first = {"parameter": self.parameter, "value": self.value, "why": self.why, "kind": self.kind}
        return first | {name: value for name, value in known.items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Change:
        """Read back what `to_dict` wrote, by this version or an earlier one, which only knew parameter, value, why."""
        effect = data.get("effect") or {}
        words = [data["parameter"], data.get("why", ""), data.get("kind", PARAMETER), data.get("group", "")]
        parameter, why, kind, group = (str(word) for word in words)
        known = {name: str(effect[name]) for name in Effect._fields if name in effect}
        return cls(parameter, data["value"], why, kind, group, Effect(**known), str(data.get("text", "")))


def question(text: str) -> Change:
    """Return a question to the user: what is to be done depends on the answer."""
    return Change("question", text, kind=QUESTION, text=text)


def experiment(text: str, why: str = "") -> Change:
    """Return a training that tells where the fault lies, and cures nothing."""
    return Change("experiment", text, why, kind=EXPERIMENT, text=text)


def alternatives(changes: Iterable[Change]) -> list[tuple[Change, ...]]:
    """Return the ways to follow a finding, the preferred one first: each group, with what goes with every one."""
    given = list(changes)
    groups = list(dict.fromkeys(c.group for c in given if c.group)) or [""]
    return [tuple(c for c in given if c.group in ("", group)) for group in groups]


def first_way(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the preferred way alone, without questions and experiments."""
    return tuple(c for c in alternatives(changes)[0] if c.is_followed)


@dataclass(frozen=True, repr=False)
class Plan:
    """What all findings propose together. Iterates over the changes, which can be followed as they stand."""

    changes: tuple[Change, ...] = ()
    alternatives: tuple[tuple[Change, ...], ...] = ()
    """Each may be done instead of the changes of parameters."""
    questions: tuple[Change, ...] = ()
    experiments: tuple[Change, ...] = ()

    def __iter__(self) -> Iterator[Change]:
        """Return the changes to make."""
        return iter(self.changes)

    def __len__(self) -> int:
        """Return the number of changes to make."""
        return len(self.changes)

    def __bool__(self) -> bool:
        """Return whether it says anything."""
        return bool(self.changes or self.alternatives or self.questions or self.experiments)

    def __repr__(self) -> str:
        """Return the changes on a line, then a line for each alternative, question and experiment."""
        ways = [self.changes, *self.alternatives]
        lines = [", ".join(map(str, way)) for way in ways if way]
        lines[1:] = [f"or instead: {line}" for line in lines[1:]]
        lines += [f"ask: {c}" for c in self.questions] + [f"find out: {c}" for c in self.experiments]
        return "\n".join(lines) or "nothing to change"

    @property
    def params(self) -> dict[str, Any]:
        """The changes of the training's parameters, by name."""
        return {c.parameter: c.value for c in self.changes if c.kind == PARAMETER}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data."""
        return {
            "changes": [c.to_dict() for c in self.changes],
            "alternatives": [[c.to_dict() for c in way] for way in self.alternatives],
            "questions": [str(c.value) for c in self.questions],
            "experiments": [str(c.value) for c in self.experiments],
        }
