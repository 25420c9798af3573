"""Schedules need no booster, no torch, no pandas: the objects are made of the standard library and numpy."""

import subprocess
import sys

CODE = """
import sys
from treedebug import schedules
schedules.GreedyLR(0.1).observe(1.0)
import treedebug
treedebug.ScheduleCallback(schedules.Constant(0.1))
print(sorted({"xgboost", "lightgbm", "torch", "pandas", "sklearn", "matplotlib", "rich"} & set(sys.modules)))
"""


def test_nothing_heavy_is_imported():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
