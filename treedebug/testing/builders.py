"""Builders of runs, curve by curve and tree by tree, for the tests of rules.

Each builder returns a `RunData` and takes one as `run=` to add to, so they compose:

    run = curves(train=[0.6, 0.4, 0.3], valid=[0.6, 0.5, 0.5])
    run = trees([grown(3), grown(2), leaf(0.1)], run=run)
    run = classes([[[90, 10], [5, 95]]] * 3, run=run)
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from treedebug.core.data.data_sets import DataSets
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.eval_log import UNKNOWN_USAGE, Usage
from treedebug.core.run.margin_log import MarginLog, MarginRecord
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import FINISHED, Baseline, Header, Pulse, RunData
from treedebug.core.run.summarize_trees import summarize
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.core.run.tree_table import LEAF, TreeTable

Values = Sequence[float] | NDArray[np.floating[Any]]
TRAIN, VALID = "train", "valid"
_FlatNode = tuple[int, float, float, float, int, int, int, float]


def header(*, run: RunData | None = None, **fields: Any) -> RunData:
    """A run with these header fields (see `Header`), or `run` with them changed."""
    run = run if run is not None else RunData(Header(library="xgboost"))
    run.header.update(fields)
    return run


def labels(counts: Sequence[float], *, dataset: str = TRAIN, weighted: Sequence[float] | None = None) -> dict[str, Any]:
    """A `Header.data` with the label summary of one dataset: rows (and summed weights) per class."""
    label: dict[str, Any] = {"kind": "classes", "counts": list(counts)}
    if weighted is not None:
        label["weighted"] = list(weighted)
    return {dataset: {"n_rows": int(sum(counts)), "label": label, "is_training": dataset == TRAIN}}


def curves(  # noqa: PLR0913 - each has a default
    *,
    train: Values | None = None,
    valid: Values | None = None,
    metric: str = "logloss",
    higher_is_better: bool | None = None,
    seconds: float = 0.01,
    ended: bool = True,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """A run with one metric on the training and the validation data; other arguments are header fields."""
    run = header(run=run, **fields)
    start = run.header.start_round
    for dataset, values in ((TRAIN, train), (VALID, valid)):
        for k, value in enumerate(values if values is not None else ()):
            run.evals.append(start + k, dataset, metric, float(value))
    run.evals.training.add(TRAIN)
    if higher_is_better is not None:
        run.evals.directions[metric] = higher_is_better
    n_rounds = start + max(len(train if train is not None else ()), len(valid if valid is not None else ()))
    return ending(rounds(n_rounds, seconds=seconds, run=run), ended=ended)


def rounds(
    n_rounds: int,
    *,
    seconds: float | Sequence[float] = 0.01,
    iterations: Sequence[int] | None = None,
    usage: Sequence[Usage] | None = None,
    run: RunData | None = None,
) -> RunData:
    """A run of `n_rounds` rounds: `seconds` of all or of each, `usage` of each.

    `iterations` of the booster after each one are by default one more every round.
    """
    run = header(run=run)
    start = run.header.start_round
    for k in range(run.n_rounds or start, n_rounds):
        done = k + 1 if iterations is None else iterations[k - start]
        took = seconds if isinstance(seconds, int | float) else seconds[k - start]
        used = UNKNOWN_USAGE if usage is None else usage[k - start]
        run.rounds.append(k, learning_rate=0.1, seconds=took, iterations=done, usage=used)
    return run


def ending(run: RunData, *, ended: bool = True, state: str = FINISHED, best_round: int | None = None) -> RunData:
    """The run with its end recorded, or still running."""
    end = {"state": state, "best_round": best_round, "reason": "", "n_rounds": run.n_rounds}
    run.ending = end if ended else None
    return run


def classes(
    confusions: Sequence[ArrayLike],
    *,
    dataset: str = VALID,
    rounds_at: Sequence[int] | None = None,
    probability: Sequence[ArrayLike] | None = None,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """A run with one confusion matrix (label down, prediction across) a round, or at `rounds_at`.

    `probability` gives the mean predicted probability of each class, one row a matrix; unknown without it.
    """
    run = header(run=run, **fields)
    at = list(range(len(confusions))) if rounds_at is None else list(rounds_at)
    for k, (round_index, matrix) in enumerate(zip(at, confusions, strict=True)):
        counts = np.array(matrix, dtype=np.int64)
        weight = counts.sum(axis=1).astype(np.float64)
        mean = np.full(len(counts), np.nan) if probability is None else np.array(probability[k], dtype=np.float64)
        run.classes.append(ClassRecord(round_index, dataset, counts, weight, mean))
    run.header.n_classes = run.header.n_classes or (len(np.array(confusions[0])) if len(confusions) else 0)
    run.evals.training.add(TRAIN)
    return ending(rounds(at[-1] + 1 if at else 0, run=run))


def margins(
    *,
    train: ArrayLike | None = None,
    valid: ArrayLike | None = None,
    leads: Mapping[str, ArrayLike] | None = None,
    n_rounds: int = 25,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """A run with these margins of the rows in every round: (n,), or (n_rounds, n) where they change.

    `leads` (dataset -> as the margins) belong to three or more classes. Labels are all 1; `n_classes` is 2 by default.
    """
    run = header(run=run, **fields)
    run.header.n_classes = run.header.n_classes or 2
    log = run.ensure_stream(MarginLog)
    given = {name: np.asarray(v, dtype=np.float32) for name, v in ((TRAIN, train), (VALID, valid)) if v is not None}
    for dataset, values in given.items():
        n = values.shape[-1]
        facts = {"n_rows": n, "is_training": dataset == TRAIN, **run.header.data.get(dataset, {})}
        run.header.data = {**run.header.data, dataset: facts}
        log.labels[dataset] = np.ones(n, dtype=np.float32)
        shape = (n_rounds, n)
        own = np.broadcast_to(values, shape)
        lead = None if leads is None else np.broadcast_to(np.asarray(leads[dataset], dtype=np.float32), shape)
        for k in range(n_rounds):
            at = run.header.start_round + k
            log.append(MarginRecord(at, dataset, n, own[k].copy(), None if lead is None else lead[k].copy()))
    run.evals.training.add(TRAIN)
    return ending(rounds(run.header.start_round + n_rounds, run=run))


def compared(now: RunData, then: RunData) -> RunData:
    """A run with the one it is compared with, for the rules on two runs."""
    now.add_stream(Baseline, Baseline(then))
    return now


@dataclass(frozen=True)
class Node:
    """A split with two children, or a leaf (no children)."""

    feature: int = LEAF
    gain: float = 0.0
    hessian: float = 1.0
    value: float = 0.0
    left: Node | None = None
    right: Node | None = None
    threshold: float = 0.5


def leaf(value: float = 0.1, *, hessian: float = 1.0) -> Node:
    """A leaf; alone, a root-only tree."""
    return Node(value=value, hessian=hessian)


def split(
    feature: int, left: Node | None = None, right: Node | None = None, *, gain: float = 1.0, threshold: float = 0.5
) -> Node:
    """A split; its hessian is its children's."""
    left, right = left or leaf(), right or leaf(-0.1)
    return Node(feature, gain, left.hessian + right.hessian, 0.0, left, right, threshold)


def grown(depth: int, *, gains: Sequence[float] = (1.0,), features: Sequence[int] = (0,), hessian: float = 1.0) -> Node:
    """A full tree: `gains[d]` of each split at depth d, on `features[d]` (the last one repeats)."""
    node = leaf(hessian=hessian)
    for d in range(depth - 1, -1, -1):
        gain, feature = gains[min(d, len(gains) - 1)], features[min(d, len(features) - 1)]
        node = split(feature, node, node, gain=gain)
    return node


def tree_table(per_round: Sequence[Node | Sequence[Node]], *, library: str = "xgboost", start: int = 0) -> TreeTable:
    """Trees as flat arrays: one tree a round, or a list of them (one per class), or none."""
    flat: list[_FlatNode] = []
    offsets, of_round, of_class = [0], [], []
    for k, entry in enumerate(per_round):
        for c, tree in enumerate([entry] if isinstance(entry, Node) else entry):
            _flatten(tree, flat, offsets[-1])
            offsets.append(len(flat))
            of_round.append(start + k)
            of_class.append(c)
    columns = list(zip(*flat, strict=True)) if flat else [()] * 8
    feature = np.array(columns[0], dtype=np.int64)
    is_leaf, n = feature < 0, len(feature)
    return TreeTable(
        library=library,
        offsets=np.array(offsets, dtype=np.int64),
        round_index=np.array(of_round, dtype=np.int64),
        tree_index=np.arange(len(of_round)),
        class_index=np.array(of_class, dtype=np.int64),
        weight=np.ones(len(of_round)),
        feature=feature,
        threshold=np.where(is_leaf, np.nan, np.array(columns[7], dtype=np.float64)),
        left=np.array(columns[4], dtype=np.int64),
        right=np.array(columns[5], dtype=np.int64),
        default_left=np.zeros(n, dtype=bool),
        missing_type=np.full(n, 2, dtype=np.int8),
        depth=np.array(columns[6], dtype=np.int64),
        split_gain=np.array(columns[1], dtype=np.float64),
        sum_hessian=np.array(columns[2], dtype=np.float64),
        n_rows=np.full(n, -1, dtype=np.int64),
        leaf_value=np.where(is_leaf, np.array(columns[3], dtype=np.float64), np.nan),
    )


def trees(
    per_round: Sequence[Node | Sequence[Node]] | TreeTable,
    *,
    n_features: int | None = None,
    run: RunData | None = None,
    **fields: Any,
) -> RunData:
    """A run with these trees, as nodes (see `tree_table`) or as a table; rounds without a tree add no iteration."""
    run = header(run=run, **fields)
    start = run.header.start_round
    if isinstance(per_round, TreeTable):
        table, n_rounds = per_round, int(per_round.round_index.max(initial=start - 1)) + 1
    else:
        table = tree_table(per_round, library=run.header.library or "xgboost", start=start)
        n_rounds = start + len(per_round)
    n_features = n_features or run.header.n_features or int(table.feature.max(initial=0)) + 1
    run.header.n_features = n_features
    if run.n_rounds < n_rounds:
        grew = np.isin(np.arange(start, n_rounds), table.round_index)
        rounds(n_rounds, iterations=(start + np.cumsum(grew)).tolist(), run=run)
    run.trees = TableTrees(table)
    run.add_stream(TreeSummary, summarize(run.trees, n_features=n_features, n_rounds=run.n_rounds))
    return ending(run)


@dataclass(frozen=True)
class TableTrees:
    """A tree source whose one batch is a table in memory."""

    table: TreeTable

    def batches(self) -> Iterator[TreeBatch]:
        """One batch, or none for an empty table."""
        if self.table.n_trees:
            rounds_in = np.unique(self.table.round_index)
            yield TreeBatch(self.table.library, b"", rounds_in, int(self.table.tree_index[0]))

    def read(self, batch: TreeBatch) -> TreeTable:  # noqa: ARG002 - there is only one
        """The table."""
        return self.table


def _flatten(node: Node, flat: list[_FlatNode], first: int, depth: int = 0) -> int:
    """Append a node and, after it, its children; returns its position in the tree."""
    at = len(flat)
    flat.append((node.feature, node.gain, node.hessian, node.value, LEAF, LEAF, depth, node.threshold))
    if node.left is not None and node.right is not None:
        left = _flatten(node.left, flat, first, depth + 1)
        right = _flatten(node.right, flat, first, depth + 1)
        flat[at] = (node.feature, node.gain, node.hessian, node.value, left, right, depth, node.threshold)
    return at - first


def frozen(run: RunData) -> RunData:
    """The run with every array a rule could reach made read-only."""
    held: list[NDArray[Any]] = []
    for record in run.classes:
        held += [record.confusion, record.label_weight, record.mean_probability]
    if run.has_stream(TreeSummary) and (summary := run.summary) is not None:
        held += [v for s in summary.snapshots() for v in vars(s).values() if isinstance(v, np.ndarray)]
    if isinstance(run.trees, TableTrees):
        held += [v for v in vars(run.trees.table).values() if isinstance(v, np.ndarray)]
    for margin in run.stream(MarginLog) or ():
        held += [v for v in (margin.margin, margin.lead, margin.loss) if v is not None]
    for values in held:
        values.setflags(write=False)
    return run


def fingerprint(run: RunData) -> str:
    """Text that is equal for runs of equal content."""
    curves_in = [(c.dataset, c.metric, c.rounds.tolist(), c.values.tolist()) for c in run.evals]
    matrices = [(r.round_index, r.dataset, r.confusion.tolist(), r.mean_probability.tolist()) for r in run.classes]
    columns: Mapping[str, Any] = {}
    if isinstance(run.trees, TableTrees):
        columns = {k: v.tolist() for k, v in vars(run.trees.table).items() if isinstance(v, np.ndarray)}
    r, pulse = run.rounds, run.stream(Pulse)
    used = (r.cpu_seconds.tolist(), r.peak_memory.tolist(), r.evaluation_seconds.tolist())
    log = (r.rounds.tolist(), r.iterations.tolist(), r.seconds.tolist(), used, pulse)
    baseline = run.stream(Baseline)
    kept = [(m.round_index, m.dataset, m.n_rows, m.margin.tolist()) for m in run.stream(MarginLog) or ()]
    other = "" if baseline is None else fingerprint(baseline.run)
    data = run.stream(DataSets)
    sets = "" if data is None else data.to_json()
    foreign = [_content(s) for kind, s in run.streams().items() if not kind.__module__.startswith("treedebug.")]
    streams = (curves_in, log, matrices, columns, kept, sets, foreign)
    return repr((run.header, run.evals.directions, streams, run.ending, other))


def _content(value: Any) -> Any:
    """A stream of another package as plain data, so that runs that differ only there can be told apart."""
    if isinstance(value, np.ndarray | array):
        return value.tolist()
    if isinstance(value, Mapping):
        return {repr(_content(k)): _content(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_content(v) for v in value]
    return _content(vars(value)) if hasattr(value, "__dict__") else value
