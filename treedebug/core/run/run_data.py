"""RunData: everything recorded of one training, as streams that can be cut at any round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar, cast

from treedebug.core.data.column_choice import ColumnChoice, narrowed
from treedebug.core.data.data_sets import DataSets
from treedebug.core.finding_order import in_order
from treedebug.core.findings import Finding
from treedebug.core.run.class_log import ClassLog
from treedebug.core.run.eval_log import EvalLog, RoundLog
from treedebug.core.run.records import TreeBatch, TreeSource
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import TreeTable

FINISHED, STOPPED, INTERRUPTED = "finished", "stopped", "interrupted"
"""How a training ended: all rounds or early stopping by the library; by an action; by an exception or Ctrl-C."""


class Stream(Protocol):
    """A part of the record that can be cut at a round."""

    def until(self, n_rounds: int) -> Self:
        """Return the stream as it was when `n_rounds` rounds were recorded."""


S = TypeVar("S", bound=Stream)


@dataclass(frozen=True)
class Note:
    """Something the recorder could not do, or found odd; the training went on."""

    topic: str
    message: str
    round_index: int | None = None
    is_damage: bool = False
    """Found while reading: something that was recorded is not here."""


@dataclass
class Header:
    """What is known of a training before and while it runs. Everything is JSON-able.

    `data` maps a dataset's name to `{"n_rows", "n_features", "label": {...}, "is_training": bool}`; the label summary
    holds `kind` ("classes" or "numbers"), `counts` and `weighted` per class, or `mean`, `std`, `minimum`, `maximum`,
    `n_missing`, `quantiles` (the sixty-fourths), `spreads` (of several outputs), and `n_distinct` where all are small
    whole numbers. Where they are known: `queries` (`n_queries`, `n_weights`, `n_single`, `n_alike` of several rows and
    one label, `largest`), `present` (share of XGBoost's entries that are not missing), `mean_weight`, `starts_given` (a
    start of each row's own), `start` (if it is the same of all), else `starts` (`mean`, `minimum`, `maximum`),
    `categories` (how many), `feature_weights`, `bounded` (its rows have bounds for their labels).
    """

    run_id: str = ""
    name: str = ""
    """What the user calls the run."""
    tags: list[str] = field(default_factory=list)
    description: str = ""
    command: str = ""
    """The command line, secrets hidden."""
    git: dict[str, Any] = field(default_factory=dict)
    """`commit` and `dirty` of the code in the folder where the training was started."""
    library: str = ""
    booster: str = ""
    objective: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    """Canonical names (the scikit-learn wrapper's), effective values, defaults included."""
    params_given: dict[str, Any] = field(default_factory=dict)
    """As the user spelled them; empty where the library does not hand them to callbacks."""
    versions: dict[str, str] = field(default_factory=dict)
    host: dict[str, Any] = field(default_factory=dict)
    started: str = ""
    """ISO 8601, UTC."""
    feature_names: list[str] = field(default_factory=list)
    feature_types: list[str] = field(default_factory=list)
    n_features: int = 0
    n_classes: int = 0
    """0 unless the objective is a classification; 2 for a binary one."""
    trees_per_round: int = 1
    start_round: int = 0
    """Rounds the booster already had when the recording began."""
    planned_rounds: int | None = None
    early_stopping_rounds: int | None = None
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    fold: int | None = None
    search: dict[str, str] = field(default_factory=dict)
    """`tool`, `name` and `trial` of the search that trained it."""
    slow_rounds: bool = False
    """Rounds are few and long (epochs of a network): the rules look after each of the first ones."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What a newer writer or another recorder added; `metrics` maps metrics to the usual names of what they are."""

    def feature_name(self, index: int) -> str:
        """Return the name of a feature, or `f12` where the library has none."""
        return self.feature_names[index] if index < len(self.feature_names) else f"f{index}"

    def training_facts(self) -> dict[str, Any]:
        """Return what is recorded of the training data; {} where nothing is."""
        return next((facts for facts in self.data.values() if facts.get("is_training")), {})

    def training_label(self) -> dict[str, Any] | None:
        """Return the label summary of the training data, where recorded."""
        labels = (facts.get("label") for facts in self.data.values() if facts.get("is_training"))
        return next((label for label in labels if label), None)

    def update(self, fields: dict[str, Any]) -> None:
        """Take over fields from a header record; unknown ones go to `extra`."""
        for name, value in fields.items():
            if name != "extra" and name in self.__dataclass_fields__:
                setattr(self, name, value)
            else:
                self.extra.update(value if name == "extra" else {name: value})

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - the header holds for every round
        """Return the header itself."""
        return self


@dataclass
class ComparedRun:
    """The run that another one is compared with; a stream of a view, for the rules on two runs."""

    run: RunData
    search: tuple[RunData, ...] = ()
    """All runs that are compared, in the order given; empty where only two are."""

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - the whole of it, whatever the round
        """Return the baseline itself."""
        return self


@dataclass(frozen=True)
class Pulse:
    """What the clock says of a run that has not ended; a stream only of the check that asks, never of a replay."""

    idle_seconds: float
    """Since something of the training was last written, signs of life left out."""
    process: str = ""
    """"alive" or "gone": by its number on this machine, by its signs of life on another; "" where neither tells."""

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - the clock knows no rounds
        """Return the pulse itself."""
        return self


class NoTrees:
    """The tree source of a run whose booster has no trees."""

    def batches(self) -> Iterator[TreeBatch]:
        """Yield nothing."""
        return iter(())

    def read(self, batch: TreeBatch) -> TreeTable:
        """Raise, as there are no batches to read."""
        raise ValueError(f"a run without trees cannot read {batch!r}")


class RunData:
    """One recorded training: a header, streams by type, trees to fetch, notes, findings, and how it ended."""

    def __init__(self, header: Header | None = None, trees: TreeSource | None = None) -> None:
        self.header = header or Header()
        self.evals = EvalLog()
        self.rounds = RoundLog()
        self.classes = ClassLog()
        self.trees: TreeSource = trees or NoTrees()
        self.notes: list[Note] = []
        self.standing: dict[tuple[str, str], Finding] = {}
        """The findings that stand, by key, as reported while it trained."""
        self.ending: dict[str, Any] | None = None
        """`{"state": ..., "best_round": ..., "reason": ...}` once the training has ended."""
        self._streams: dict[type, Stream] = {
            Header: self.header,
            EvalLog: self.evals,
            RoundLog: self.rounds,
            ClassLog: self.classes,
        }
        self._lazy: dict[type, Callable[[], Stream | None]] = {}

    @property
    def findings(self) -> list[Finding]:
        """The findings that stand, as reported while it trained, in the order they are shown in."""
        return in_order(self.standing.values())

    @findings.setter
    def findings(self, findings: Iterable[Finding]) -> None:
        self.standing = {f.key: f for f in findings}

    @property
    def n_rounds(self) -> int:
        """Rounds recorded so far, counted over the booster's whole life."""
        return self.rounds.n_rounds

    @property
    def ended(self) -> bool:
        """Whether the training's end was recorded."""
        return self.ending is not None

    @property
    def damage(self) -> tuple[str, ...]:
        """What was recorded and could not be read, in words; a run with damage is not clean, whatever the rules say."""
        return tuple(n.message for n in self.notes if n.is_damage)

    def add_stream(self, kind: type[S], stream: S | Callable[[], S | None]) -> None:
        """Add a stream under its type; a callable is called at first use, and may find that there is none."""
        if isinstance(stream, kind):
            self._streams[kind] = stream
        else:
            self._streams.pop(kind, None)
            self._lazy[kind] = cast("Callable[[], Stream | None]", stream)

    def ensure_stream(self, kind: type[S]) -> S:
        """Return the stream of a type, made empty and added at first use: a run without any has no such stream."""
        stream = self.stream(kind)
        if stream is None:
            stream = kind()
            self.add_stream(kind, stream)
        return stream

    def drop_stream(self, kind: type) -> None:
        """Remove a stream that can no longer be trusted."""
        self._streams.pop(kind, None)
        self._lazy.pop(kind, None)

    def stream(self, kind: type[S]) -> S | None:
        """Return the stream of a type, or None if this run has none."""
        if kind not in self._streams and kind in self._lazy:
            made = self._lazy[kind]()
            if made is None:
                self.drop_stream(kind)
                return None
            self._streams[kind] = made
        return cast("S | None", self._streams.get(kind))

    def has_stream(self, kind: type) -> bool:
        """Return whether the run has a stream of this type, without computing it."""
        return kind in self._streams or kind in self._lazy

    def streams(self) -> dict[type, Stream]:
        """Return the streams that are at hand, by type; those not yet computed are left out."""
        return dict(self._streams)

    @property
    def summary(self) -> TreeSummary | None:
        """The tree summary, folded from the recorded trees at first use; None without trees."""
        return self.stream(TreeSummary)

    def at(self, n_rounds: int, *, final: bool = False) -> RunView:
        """Return the run as it stood after `n_rounds` rounds; `final` if the training ended there."""
        return RunView(self, n_rounds, final=final)


class RunView:
    """A run cut at a round: what signals measure and rules judge. Caches the cut streams."""

    def __init__(self, run: RunData, n_rounds: int, *, final: bool = False) -> None:
        self.run = run
        self.n_rounds = n_rounds
        self.final = final
        """The training ended here: nothing more will come."""
        self._cut: dict[type, Stream] = {}

    @property
    def header(self) -> Header:
        """The run's header."""
        return self.run.header

    def against(self, baseline: RunData, search: tuple[RunData, ...] = ()) -> Self:
        """Return the view itself, now with a run to compare with, and all that are compared."""
        self._cut[ComparedRun] = ComparedRun(baseline, search)
        return self

    def narrowed(self, choice: ColumnChoice) -> RunView:
        """Return the same view, with some columns of the data left out."""
        sets = self.stream(DataSets)
        view = RunView(self.run, self.n_rounds, final=self.final)
        view._cut = dict(self._cut)
        if sets is not None:
            view._cut[DataSets] = narrowed(sets, choice.takes)
        return view

    def has_stream(self, kind: type) -> bool:
        """Return whether the run has a stream of this type."""
        return kind in self._cut or (self._is_known_yet(kind) and self.run.has_stream(kind))

    def stream(self, kind: type[S]) -> S | None:
        """Return the stream of a type cut at this round, or None."""
        if kind not in self._cut:
            whole = self.run.stream(kind) if self._is_known_yet(kind) else None
            if whole is None:
                return None
            self._cut[kind] = whole.until(self.n_rounds)
        return cast("S", self._cut[kind])

    def _is_known_yet(self, kind: type) -> bool:
        """Return whether a training that stands here has recorded such a stream: some come only at its end."""
        return self.final or not getattr(kind, "ONLY_AT_END", False)
