"""Files that once did harm, or say what no sound one says: read again, they give an answer or one of our errors.

`tests/corpus` holds models, runs (`mended-*`: with the right checksums), tables and configurations. `make fuzz` looks
for more: put what it keeps there.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest

import treedebug
from treedebug.cli import main
from treedebug.store.salvage import salvage

CORPUS = Path(__file__).parent / "corpus"
PLAIN = treedebug.Config()
SECONDS = 20.0
"""Of CPU time, for one file; each takes a small part of it."""
HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


def files(kind):
    found = sorted((CORPUS / kind).iterdir())
    assert len(found) > 10, f"the corpus of {kind} is gone"
    return pytest.mark.parametrize("file", found, ids=lambda f: f.name)


@pytest.fixture(autouse=True)
def nothing_on_the_screen(request, capfd):
    began = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert [str(w.message) for w in caught if not issubclass(w.category, HIDDEN)] == []
    assert capfd.readouterr().err == ""
    assert time.process_time() - began < SECONDS


def ours(function):
    """What it returns; None if it raises one of our errors. Any other one is a flaw."""
    try:
        return function()
    except treedebug.TreedebugError:
        return None


def sound(report):
    for verdict in getattr(report, "verdicts", None) or ([] if report is None else [report.verdict]):
        assert [f"{c.code}: {c.error}" for c in verdict.crashed] == []


@files("models")
def test_models(file):
    sound(ours(lambda: treedebug.check(file, config=PLAIN)))


@files("runs")
def test_runs(file, tmp_path, capfd):
    run = ours(lambda: treedebug.load(file))
    sound(ours(lambda: treedebug.check(file, config=PLAIN)))
    if run is not None:
        sound(ours(lambda: treedebug.compare(run, run, config=PLAIN)))
        ours(lambda: run.trees)
        ours(lambda: run.findings)
        ours(run.booster)
        capfd.readouterr()  # the libraries say what they do not like in a model of theirs
    before = file.read_bytes()
    ours(lambda: salvage(file, tmp_path / "salvaged"))
    assert file.read_bytes() == before


@files("tables")
def test_tables(file):
    for target in ("y", None):
        sound(ours(lambda target=target: treedebug.check(file, target=target, config=PLAIN)))


@files("configurations")
def test_configurations(file):
    ours(lambda: treedebug.load_config(file))


@pytest.mark.parametrize("kind", ["models", "runs", "tables"])
def test_from_the_shell_each_is_an_answer_or_one_line(kind, capfd):
    for file in sorted((CORPUS / kind).iterdir())[::5]:
        code = main(["check", str(file)])
        out, err = capfd.readouterr()
        assert code in (0, 1, 2), file.name
        assert "Traceback" not in out + err, file.name
        assert "\x1b" not in out + err, file.name
        assert code == 2 or not err, file.name
