import numpy as np
import pytest

from treedebug.core.data.column_profile import NUMBER
from treedebug.profiles.scan.cells import Cells
from treedebug.profiles.scan.number_dates import is_unix_time

SECONDS = 1.6e9 + 60.0 * np.arange(100)
TIMES = {
    "seconds": ("timestamp", SECONDS, True),
    "milliseconds": ("createdAt", 1e3 * SECONDS, True),
    "a name of its own": ("event_time", SECONDS, True),
    "seconds of a run": ("time", 60.0 * np.arange(100), False),
    "a number of nine digits": ("account", SECONDS, False),
    "one moment": ("timestamp", np.full(100, 1.6e9), False),
    "updates counted": ("updated", np.arange(100.0), False),
}


@pytest.mark.parametrize("kind", TIMES)
def test_what_is_taken_for_a_time(kind):
    name, values, expected = TIMES[kind]
    assert is_unix_time(name, Cells(NUMBER, "float64", values)) is expected
