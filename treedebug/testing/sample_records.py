"""Records of every kind with awkward values, and what the run made of them must hold."""

from __future__ import annotations

import numpy as np

from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.eval_log import EvalLog, Usage
from treedebug.core.run.label_error_log import LabelErrorLog, LabelErrorRecord
from treedebug.core.run.margin_log import MarginLog, MarginRecord
from treedebug.core.run.prediction_log import PredictionLog, PredictionRecord, SampledRows
from treedebug.core.run.rate_log import RateLog, RateReason
from treedebug.core.run.records import Record, TreeBatch
from treedebug.core.run.run_data import Header, Note, RunData
from treedebug.core.run.tree_table import TreeTable
from treedebug.store import run_records as kinds
from treedebug.store.file_format import blob_of
from treedebug.store.margin_records import encode_margin_labels, encode_margins
from treedebug.store.prediction_records import encode_label_errors, encode_prediction_rows, encode_predictions
from treedebug.store.rate_records import encode_rates
from treedebug.store.recorded_trees import RecordedTrees


def sample_records() -> list[Record]:
    """Return one or more records of every kind, with awkward values: NaN, infinities, numpy scalars, odd texts."""
    finding = Finding(
        code="CV102",
        name="overtraining",
        severity=Severity.WARNING,
        message="validation fell - zu spät 🌲 \ud800",
        rounds=(3, 7),
        subject="valid",
        evidence={"regret": float("nan"), "best": np.float32(0.5), "n": np.int64(3), "top": float("-inf")},
        try_next=(Change("max_depth", 6, "shallower"),),
        detected_at=5,
    )
    rows = [
        kinds.RoundRow(i, 0.3, 0.01, i + 1, {("valid", "auc"): 0.5 + i / 100, ("train", "auc"): float("nan")})
        for i in range(5)
    ] + [kinds.RoundRow(5, float("nan"), 0.02, 6, {("valid", "auc"): float("inf")}, Usage(0.5, 2e9))]
    confusion = np.array([[5, 1], [2, 4]])
    return [
        kinds.encode_header(Header(run_id="r1", library="xgboost", params={"max_depth": 6, "odd": {1: float("nan")}})),
        *kinds.encode_rounds(rows, directions={"auc": True}, training=["train"]),
        kinds.encode_trees(TreeBatch("xgboost", bytes(range(256)) * 8, np.arange(4), 0)),
        kinds.encode_trees(TreeBatch("xgboost", b"\0" * 64, np.array([4, 5]), 8), covers=6),
        kinds.encode_classes(ClassRecord(2, "valid", confusion, np.array([6.5, 6.0]), np.array([0.5, np.nan]))),
        encode_margin_labels("valid", np.array([1, 0], dtype=np.float32)),
        encode_margins(MarginRecord(4, "valid", 7, np.array([0.5, np.nan], dtype=np.float32))),
        encode_rates([RateReason(3, 0.15, "cut: no improvement")], {"schedule": "GreedyLR", "factor": np.float64(0.5)}),
        encode_rates([RateReason(5, 0.1, "floor"), RateReason(7, 0.2, "of a round that is rewound")]),
        encode_prediction_rows(
            SampledRows(
                dataset="valid",
                n_rows=7,
                labels=np.array([1, 0, np.nan], dtype=np.float32),
                weights=np.array([1, 2, 0.5], dtype=np.float32),
                query_starts=np.array([1, 6]),
                query_sizes=np.array([2, 1]),
            )
        ),
        encode_predictions(
            PredictionRecord(4, "valid", "score", np.array([[0.5], [np.nan], [1e30]], dtype=np.float32))
        ),
        encode_label_errors(
            LabelErrorRecord(
                4,
                "valid",
                np.array([0.0, 1.0, np.inf]),
                np.array([2, 0]),
                np.array([0.5, np.nan]),
                np.array([1.5, np.nan]),
            )
        ),
        kinds.encode_weights(5, np.array([1.0, 0.5, np.nan])),
        kinds.encode_revision(5, "lightgbm", b"tree\nversion=v4\n"),
        kinds.encode_data(DataSets(DataProfile(name="train", n_rows=3))),
        kinds.encode_finding(finding, event=kinds.OPENED, n_rounds=5),
        kinds.encode_note(Note("evals", "no validation set", 3)),
        kinds.encode_header({"n_features": 7, "brand_new": [1, 2]}),
        Record("from_the_future", {"x": 1}, b"whatever"),
        kinds.encode_rewind(6),
        kinds.encode_beat(6, 180.0),
        kinds.encode_end(state="stopped", best_round=3, reason="enough", n_rounds=6),
    ]


def same_records(one: list[Record], other: list[Record]) -> bool:
    """Return whether two logs hold the same, blobs fetched and NaN equal to NaN."""
    return [_plain(r) for r in one] == [_plain(r) for r in other]


def _plain(record: Record) -> tuple[str, str, bytes]:
    return record.kind, repr(sorted(record.fields.items())), blob_of(record).load()


def no_parse(batch: TreeBatch) -> TreeTable:
    """Fail: the trees of these runs are not to be parsed."""
    raise AssertionError(f"{batch!r} was not to be parsed")


def check_sample(run: RunData) -> None:
    """Assert that a run is the one `sample_records` describes."""
    assert (run.header.run_id, run.header.n_features, run.header.extra["brand_new"]) == ("r1", 7, [1, 2])
    assert run.evals.keys() == [("valid", "auc"), ("train", "auc")]
    assert run.evals.is_training("train")
    series = run.evals.series("valid", "auc")
    np.testing.assert_array_equal(series.rounds, np.arange(6))
    np.testing.assert_array_equal(series.values, [0.5, 0.51, 0.52, 0.53, 0.54, np.inf])
    assert len(run.evals.series("train", "auc").values) == 5
    np.testing.assert_array_equal(run.rounds.learning_rate, [0.3] * 5 + [np.nan])
    np.testing.assert_array_equal(run.rounds.iterations, np.arange(1, 7))
    sets = run.stream(DataSets)
    assert sets is not None
    assert (sets.train.name, sets.train.n_rows) == ("train", 3)
    (classes,) = run.classes
    assert classes.confusion.tolist() == [[5, 1], [2, 4]]
    np.testing.assert_array_equal(classes.mean_probability, [0.5, np.nan])
    (margins,) = run.ensure_stream(MarginLog)
    assert (margins.round_index, margins.dataset, margins.n_rows, margins.lead) == (4, "valid", 7, None)
    np.testing.assert_array_equal(margins.margin, [0.5, np.nan])
    assert run.ensure_stream(MarginLog).labels["valid"].tolist() == [1, 0]
    rates = run.ensure_stream(RateLog)
    assert rates.facts == {"schedule": "GreedyLR", "factor": 0.5}
    assert [(r.round_index, r.rate, r.why) for r in rates] == [(3, 0.15, "cut: no improvement"), (5, 0.1, "floor")]
    predictions = run.ensure_stream(PredictionLog)
    (predicted,), rows = predictions, predictions.rows["valid"]
    assert (predicted.round_index, predicted.dataset, predicted.scale) == (4, "valid", "score")
    np.testing.assert_array_equal(predicted.scores, np.array([[0.5], [np.nan], [1e30]], dtype=np.float32))
    assert (rows.n_rows, rows.rows.tolist()) == (7, [1, 2, 6])
    np.testing.assert_array_equal(rows.labels, [1, 0, np.nan])
    assert rows.weights is not None
    assert rows.query_sizes is not None
    assert (rows.weights.tolist(), rows.query_sizes.tolist()) == ([1, 2, 0.5], [2, 1])
    (errors,) = run.ensure_stream(LabelErrorLog)
    assert (errors.round_index, errors.n_rows.tolist(), errors.edges.tolist()) == (4, [2, 0], [0.0, 1.0, np.inf])
    np.testing.assert_array_equal(errors.mean_error, [0.5, np.nan])
    np.testing.assert_array_equal(errors.mean_absolute_error, [1.5, np.nan])
    assert isinstance(run.trees, RecordedTrees)
    assert [b.rounds.tolist() for b in run.trees.batches()] == [[0, 1, 2, 3], [4, 5]]
    assert run.trees.snapshot_rounds == [5]
    np.testing.assert_array_equal(run.trees.weights_at(5), [1.0, 0.5, np.nan])
    assert run.notes[0] == Note("evals", "no validation set", 3)
    assert any("from_the_future" in note.message for note in run.notes)
    assert run.ending == {"state": "stopped", "best_round": 3, "reason": "enough", "n_rounds": 6}
    assert isinstance(run.evals, EvalLog)
