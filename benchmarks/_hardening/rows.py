"""What an attack comes to: inputs tried, flaws by kind, the worst case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Flaw:
    """One thing that should not have happened to one input."""

    kind: str
    """error, crashed rule, warning, printed, slow, memory, hang, killed, executed, lost, wrong, ..."""
    text: str
    place: str = ""
    """file:line function, where the code that is at fault is known."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two flaws the same: their kind and place; without a place, their words."""
        return self.kind, self.place or self.text


@dataclass
class Row:
    """One attack."""

    attack: str
    point: str
    """Of the issue: what the attack is about."""
    tried: int = 0
    failed: int = 0
    """Inputs with at least one flaw."""
    seconds: float = 0.0
    """The longest that one input took; of those cut off, the limit."""
    megabytes: float = 0.0
    """The most memory that one input took above what the process had before."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], tuple[Flaw, str]] = field(default_factory=dict)
    """The first flaw of each key, and the input that showed it."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Other figures of this attack, by name."""

    def add(
        self, name: str, flaws: Sequence[Flaw], *, seconds: float = 0.0, megabytes: float = 0.0, kept: Any = None
    ) -> None:
        """Count one input; `name` says which, `kept` where it lies now."""
        self.tried += 1
        self.failed += bool(flaws)
        self.seconds = max(self.seconds, seconds)
        self.megabytes = max(self.megabytes, megabytes)
        for flaw in {f.key: f for f in flaws}.values():
            self.counts[flaw.key] += 1
            self.examples.setdefault(flaw.key, (flaw, str(kept) if kept else name))

    def cells(self) -> list[Any]:
        """The row as the table shows it."""
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        megabytes = f"{self.megabytes:.0f}" if self.megabytes else ""
        return [self.attack, self.tried, self.failed, f"{self.seconds:.2f}", megabytes, facts]

    def lines(self) -> list[list[Any]]:
        """A line a kind of flaw: how often, what, where, an input that shows it."""
        return [
            [self.attack, n, key[0], self.examples[key][0].text[:160], key[1] if self.examples[key][0].place else "",
             self.examples[key][1]]
            for key, n in self.counts.most_common()
        ]  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        flaws = [
            {**asdict(self.examples[key][0]), "n": n, "example": self.examples[key][1]}
            for key, n in self.counts.most_common()
        ]
        mine = {k: getattr(self, k) for k in ("attack", "point", "tried", "failed", "seconds", "megabytes", "facts")}
        return {**mine, "flaws": flaws}


def joined(parts: Sequence[dict[str, Any]]) -> list[Row]:
    """Rows read back from what `plain` wrote, those of one attack added up."""
    rows: dict[str, Row] = {}
    for part in parts:
        row = rows.setdefault(part["attack"], Row(part["attack"], part["point"]))
        row.tried += part["tried"]
        row.failed += part["failed"]
        row.seconds, row.megabytes = max(row.seconds, part["seconds"]), max(row.megabytes, part["megabytes"])
        for name, value in part["facts"].items():
            row.facts[name] = _added(name, row.facts.get(name), value)
        for found in part["flaws"]:
            flaw = Flaw(found["kind"], found["text"], found["place"])
            row.counts[flaw.key] += found["n"]
            row.examples.setdefault(flaw.key, (flaw, found["example"]))
    return list(rows.values())


def _added(name: str, one: Any, other: Any) -> Any:
    if one is None:
        return other
    return one + other if name == "s in all" else max(one, other)


HEADINGS = ("attack", "inputs", "failures", "worst s", "worst MB", "figures")
FLAW_HEADINGS = ("attack", "n", "kind", "what", "where", "for example")


@dataclass(frozen=True)
class Arena:
    """What an attack is given."""

    folder: Path
    """To work in; it goes away at the end."""
    keep: Path | None
    """Where failing inputs are put; None: nowhere."""
    seed: int
    workers: int
    counts: dict[str, int]
    """Inputs to try, by attack."""

    @property
    def seeds(self) -> Path:
        """The folder of what is mutated."""
        return self.folder / "seeds"

    first: int = 0
    """Number of the first input, of attacks that make any number of them: parts of one table are made apart."""

    def n(self, attack: str) -> int:
        """How many inputs this attack tries."""
        return self.counts[attack]

    def kept(self, *parts: str) -> Path | None:
        """A path to keep something at, its folder made."""
        if self.keep is None:
            return None
        path = self.keep.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
