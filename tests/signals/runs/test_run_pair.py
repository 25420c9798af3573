"""Trees of two runs that cannot be read leave the comparison out; they crash no rule."""

import pytest

from treedebug.core.errors import FormatError, NotRecordedError
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing
from treedebug.signals.runs.run_pair import RunPair


class Unreadable:
    def __init__(self, error):
        self.error = error

    def batches(self):
        yield TreeBatch("xgboost", b"", [0], 0)

    def read(self, batch):
        raise self.error


@pytest.mark.parametrize("error", [FormatError("it ends early"), NotRecordedError("a gblinear model has no trees")])
def test_unreadable_trees_are_missing(error):
    run = RunData()
    run.trees = Unreadable(error)
    with pytest.raises(Missing, match=str(error)):
        RunPair(run, run).first_difference  # noqa: B018 - the property is what is looked at
