"""The README and the page on searches: every snippet runs as pasted, in order, and prints what stands below it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import venv
from pathlib import Path

import pytest

from tests.pages import between, holds, run_blocks
from treedebug.cli import main

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
NETS = "## Neural networks"


def shell(command: str) -> str:
    """What `treedebug ...` prints, in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(command.split())
    return out.getvalue()


def test_words_and_numbers_are_compared():
    assert holds("a 1.00\n...\nc", "a 1.004 b c") == ""
    assert holds("a 1.00", "a 1.2") == "a 1.00"
    assert holds("a\n...\nd", "a b c") == "\nd"
    assert holds("a: 3, ...", "a: 3, b") == ""
    assert holds("a: 3, ...", "a: 4, b") == "a: 3,"


def test_what_does_not_print_what_is_shown_is_found():
    text = "```python\nx = 2\n```\n```pycon\n>>> x\n3\n>>> x\n2\n```\n```text\n$ treedebug y\nshown\n```\n"
    wrong = run_blocks(text, {}, lambda command: f"{command} came")
    assert [(ran.strip(), missing.strip()) for ran, missing, _ in wrong] == [("x", "3"), ("$ treedebug y", "shown")]


def test_every_snippet_runs_and_prints_what_stands_below_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert run_blocks(README.read_text(encoding="utf-8"), {"__name__": "readme"}, shell) == []
    assert sorted(p.name for p in Path("runs").iterdir()) == ["net", "search", "stopped", "tumours", "tumours-lgb"]


def test_the_recipe_for_searches_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("pyproject.toml").write_text(
        '[tool.treedebug]\nignore = ["SY"]\n', encoding="utf-8"
    )  # a busy machine is no news
    text = (ROOT / "docs" / "searches.md").read_text(encoding="utf-8")
    assert run_blocks(text, {"__name__": "searches"}, shell) == []
    assert sorted(p.name for p in Path("runs").iterdir()) == ["grid", "optuna"]


def fresh(folder: Path) -> Path:
    """The Python of a new environment, with nothing in it but pip."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def install(python: Path, *what: str) -> None:
    done = subprocess.run([python, "-m", "pip", "install", "-q", *what], capture_output=True, text=True, check=False)
    if "No matching distribution" in done.stderr or "Temporary failure" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_readme_in_a_fresh_environment_with_exactly_the_extras_it_names(tmp_path):
    """The nets are left to the test above: PyTorch alone is as large as all the rest twenty times."""
    text = README.read_text(encoding="utf-8")
    first = re.search(r"pip install '/path/to/treedebug\[([\w,]+)\]'", text)[1]
    later = re.findall(r"\(the extra `(\w+)`\)", between(README, "", NETS))
    assert (first, later) == ("xgboost,sklearn", ["lightgbm"])
    python = fresh(tmp_path / "env")
    for extras, until in ((first, "So does LightGBM (the extra `lightgbm`):"), (",".join(later), NETS)):
        install(python, f"{ROOT}[{extras}]")
        work = tmp_path / extras
        work.mkdir()
        command = [python, "-I", ROOT / "tests" / "pages.py", README, "", until]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
