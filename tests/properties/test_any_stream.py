"""Whatever a training may be like - metrics that come and go, rounds without a tree, resumes - the story is one."""

from __future__ import annotations

import itertools
import json
import zlib
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.seismograph import Seismograph, as_text, digest, story
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.label_error_log import LabelErrorLog
from treedebug.core.run.prediction_log import VALUE, PredictionLog
from treedebug.core.run.run_data import Header, RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.evaluate import replay
from treedebug.engine.watcher import Watcher
from treedebug.recorders.prediction_meter import ToldRows
from treedebug.recorders.prediction_sampler import PredictionSampler
from treedebug.recorders.session import Parts, Session, Settings
from treedebug.rules import BUILTIN
from treedebug.store.load_run import load_data
from treedebug.store.memory_store import MemorySink
from treedebug.store.writing.outbox import FlushPlan
from treedebug.testing.tree_builders import grown, leaf, tree_table

NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=64)
NAMES = st.sampled_from(["train", "valid", "hold out"])
METRICS = st.sampled_from(["logloss", "auc", "my_metric"])


@dataclass
class Round:
    """What one round brings."""

    values: dict = field(default_factory=dict)
    depth: int | None = 1
    """Of its tree; None for a round that adds none."""
    counts: tuple = (1, 2, 3, 4)


ROUNDS = st.builds(
    Round,
    values=st.dictionaries(st.tuples(NAMES, METRICS), NUMBERS, max_size=3),
    depth=st.sampled_from([None, 0, 1, 2]),
    counts=st.tuples(*[st.integers(0, 9)] * 4),
)


class FakePort:
    """A booster whose every tree is known from the number of its iteration."""

    has_trees, rescales, trees_per_round = True, False, 1
    has_trees_at_end, is_digested_whole = False, False

    def __init__(self, depths=()):
        self.depths = list(depths)
        self.counts = (0, 0, 0, 0)

    def iterations(self):
        return len(self.depths)

    def fetch(self, start, stop):
        return json.dumps([start, *self.depths[start:stop]]).encode()

    def digests(self, raw, start, stop):
        return [zlib.crc32(raw)]

    def final_facts(self):
        return {}

    def weights(self):
        return None

    def describe(self):
        return {"n_features": 3, "n_classes": 2, "data": {"train": {"is_training": True}}}

    def shortcomings(self):
        return [("anything", "is not recorded")]

    def classes(self, round_index, *, evaluated, training):
        if not evaluated:
            return []
        counts = np.array(self.counts, dtype=np.int64).reshape(2, 2)
        return [ClassRecord(round_index, "valid", counts, counts.sum(axis=1) * 1.5, np.array([np.nan, 0.1]))]

    def predictions(self):
        return {}

    def sampler(self):
        found = PredictionSampler(self.amounts, scale=VALUE, most_work=100)
        found.add([(None, "valid", lambda: ToldRows(9, np.arange(9) / 7))], 0, [])
        return found

    def amounts(self, handle, n_rounds):
        """Predictions: of the trees built until then alone."""
        return np.arange(9) / 3 + sum(0.1 * i * d for i, d in enumerate(self.depths[:n_rounds], 1))

    def ended_how(self):
        return "interrupted", None

    def release(self):
        pass


def parse(batch):
    """The trees of a batch: gains that do not add up exactly in another order."""
    start, *depths = json.loads(batch.raw)
    nodes = [grown(d, gains=(0.1 + i / 3, 1e-9), features=(i % 3, 2)) if d else leaf(0.1 * i)
             for i, d in enumerate(depths, start)]  # fmt: skip
    table = tree_table(nodes)
    table.round_index[:] = batch.rounds
    table.tree_index[:] += batch.first_tree
    return table


def ticking(tick):
    """A clock that is read `tick` seconds later each time."""
    return itertools.count(0.0, tick).__next__


def record(port, rounds, sink, *, rules, run=None, recorded=0, start=0, end=True, flush=None, tick=1e-3):
    """One training as a callback tells it."""
    watcher = Watcher(rules)
    parts = Parts(
        run=run or RunData(Header()), sink=sink, parse=parse, observer=watcher,
        settings=Settings(quiet=True, flush=flush or FlushPlan()), clock=ticking(tick), recorded_rounds=recorded,
        catch_up=watcher.catch_up,
    )  # fmt: skip
    session = Session(port, parts, None)
    session.begin({"library": "xgboost"}, start=len(port.depths))
    for index, entry in enumerate(rounds, start):
        if entry.depth is not None:
            port.depths.append(entry.depth)
        port.counts = entry.counts
        session.record_round(index, entry.values, learning_rate=0.1)
    if end:
        session.end("finished", best_round=None)
    assert [n.topic for n in parts.run.notes if n.topic not in ("anything", "resume")] == []
    return watcher


def assert_one_story(watcher, sink, rules, *, ended=True):
    loaded = load_data(sink, parse)
    again = replay(loaded, rules)
    live = watcher.timeline
    assert as_text(again.verdict.findings) == as_text(live.verdict.findings)
    assert story(again) == story(live)
    assert again.verdict == live.verdict or as_text(again.verdict.findings) == as_text(live.verdict.findings)
    assert not again.verdict.crashed
    if ended:
        assert as_text(loaded.findings) == as_text(live.verdict.findings)
    return loaded


PARTITIONS = st.builds(FlushPlan, st.sampled_from([1, 3, 64]), st.sampled_from([0.0, 1.0]))


def all_rules():
    return [Seismograph(), *(rule() for rule in BUILTIN)]


@settings(max_examples=60, deadline=None)
@given(st.lists(ROUNDS, max_size=34), PARTITIONS, st.booleans())
def test_any_stream(rounds, partition, end):
    rules, sink = all_rules(), MemorySink()
    watcher = record(FakePort(), rounds, sink, rules=rules, end=end, flush=partition)
    assert_one_story(watcher, sink, rules, ended=end)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROUNDS, min_size=2, max_size=34), st.data(), PARTITIONS, PARTITIONS, st.booleans())
def test_any_resume(rounds, data, first, second, end):
    rules, sink, port = all_rules(), MemorySink(), FakePort()
    for r in rounds:  # rounds of XGBoost: each adds a tree
        r.depth = r.depth or 0
    stop = data.draw(st.integers(1, len(rounds)), label="first training ends")
    back = data.draw(st.integers(1, stop), label="resumed from")
    record(port, rounds[:stop], sink, rules=rules, end=end, flush=first)
    recorded = load_data(sink, parse)
    watcher = record(
        FakePort(port.depths[:back]), rounds[back:], sink, rules=rules, run=recorded, recorded=recorded.n_rounds,
        start=back, flush=second,
    )  # fmt: skip
    assert_one_story(watcher, sink, rules, ended=len(rounds) > back)


@settings(max_examples=30, deadline=None)
@given(st.lists(ROUNDS, min_size=1, max_size=34), PARTITIONS, PARTITIONS)
def test_batches_leave_no_trace(rounds, first, second):
    """However the rounds were cut into batches, the record is the same, but for the clock."""
    seen = []
    for partition in (first, second):
        sink = MemorySink()
        record(FakePort(), rounds, sink, rules=[], flush=partition)
        run = load_data(sink, parse)
        summary = run.stream(TreeSummary)
        sums = [v for s in summary.snapshots() for v in vars(s).values()] if summary else []
        depth = summary.column("depth") if summary else []
        curves = {(c.dataset, c.metric): digest(c.rounds, c.values) for c in run.evals}
        classes = [digest(r.confusion) for r in run.classes]
        samples = [(r.round_index, digest(r.scores)) for r in run.stream(PredictionLog)]
        errors = [(r.round_index, digest(r.mean_error)) for r in run.stream(LabelErrorLog)]
        seen.append((digest(*sums), digest(depth), curves, classes, samples, errors, run.ending))
    assert seen[0] == seen[1]


@settings(max_examples=30, deadline=None)
@given(st.lists(ROUNDS, min_size=1, max_size=34), PARTITIONS)
def test_findings_are_free_of_the_clock(rounds, partition):
    """A machine a thousand times slower finds the same, to the word; what measures time itself is left out."""
    rules = [rule() for rule in BUILTIN if not rule.code.startswith("SY")]
    seen = [
        record(FakePort(), rounds, MemorySink(), rules=rules, flush=partition, tick=tick).timeline
        for tick in (1e-3, 1.0)
    ]
    assert as_text(seen[0].verdict.findings) == as_text(seen[1].verdict.findings)
    assert story(seen[0]) == story(seen[1])
