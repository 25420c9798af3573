"""Reading what a stranger made runs nothing of it: no module of the current folder, none that a file names."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.run.records import Record
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, encode_frames

TRAP = "import pathlib; pathlib.Path(__file__).with_suffix('.sprung').touch()\n"
WATCHED = """
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append((event, args[0])) if event in ("import", "exec", "os.system",
    "subprocess.Popen", "os.exec", "os.posix_spawn") else None)
import treedebug
for ask in ("treedebug.load(p).booster()", "treedebug.check(p)", "treedebug.compare(p, p)", "treedebug.runs(p).frame",
            "treedebug.load(p).replay([[0.0, 0.0]])"):
    try:
        eval(ask, {"treedebug": treedebug, "p": sys.argv[1]})
    except treedebug.TreedebugError:
        pass
names = {str(name).partition(".")[0] for event, name in seen if event == "import"}
bad = [s for s in seen if s[0] in ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen")]
print(sorted(names & {"payload", "antigravity", "this"}), bad)
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run"
    data = xgb.DMatrix(np.arange(40.0).reshape(20, 2), np.arange(20) % 2)
    xgb.train(
        {"objective": "binary:logistic", "nthread": 1}, data, 3,
        callbacks=[treedebug.XGBoostCallback(path, quiet=True)],
    )  # fmt: skip
    return path


@pytest.mark.parametrize("library", ["payload", "antigravity"])
def test_a_run_that_names_another_library_imports_nothing(recorded, tmp_path, library):
    (tmp_path / "payload.py").write_text(TRAP)
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    header = encode_frames([Record("header", {"library": library, "booster": "gbtree"})])
    (hostile / FILE_NAME).write_bytes(FILE_HEAD + header + (recorded / FILE_NAME).read_bytes()[len(FILE_HEAD) :])
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(hostile)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[] []", done.stderr
    assert not (tmp_path / "payload.sprung").exists()


def test_the_module_form_runs_no_code_of_the_current_folder(recorded, tmp_path):
    """`python -m treedebug` in a stranger's folder: its `numpy.py` is not ours."""
    for name in ("numpy", "rich", "json", "tomllib", "pandas", "argparse"):
        (tmp_path / f"{name}.py").write_text(TRAP)
    done = subprocess.run(
        [sys.executable, "-m", "treedebug", "check", str(recorded)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert not list(tmp_path.glob("*.sprung"))
