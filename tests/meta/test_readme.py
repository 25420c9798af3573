"""The README as a test: every snippet runs as pasted, in order, and prints what stands below it.

Numbers may differ by a hundredth, times and paths altogether; "..." stands for lines left out.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path

import pytest

from treedebug.cli import main

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"^-?\d[\d,]*(\.\d+)?(e[-+]?\d+)?$")


def alike(shown: str, came: str) -> bool:
    """Whether two words say the same: equal, or numbers within a hundredth."""
    if shown == came:
        return True
    a, b = (word.strip("*,;:()[]%'\"") for word in (shown, came))
    if not (NUMBER.match(a) and NUMBER.match(b)):
        return False
    return float(a.replace(",", "")) == pytest.approx(float(b.replace(",", "")), rel=0.01, abs=1e-4)


def holds(shown: str, came: str) -> str:
    """The first part of `shown` that does not follow in `came`; "" if all does. Where lines end does not matter."""
    words, at = came.split(), 0
    for part in re.split(r"^\s*\.\.\.\s*$", shown, flags=re.MULTILINE):
        wanted = part.split()
        for start in range(at, len(words) - len(wanted) + 1):
            if all(alike(w, c) for w, c in zip(wanted, words[start : start + len(wanted)], strict=True)):
                at = start + len(wanted)
                break
        else:
            return part
    return ""


def shell(text: str) -> tuple[str, str]:
    """What `$ treedebug ...` shows, and what it prints here."""
    command, _, shown = text.partition("\n")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(command.removeprefix("$ treedebug ").split())
    return shown, out.getvalue()


def test_words_and_numbers_are_compared():
    assert holds("a 1.00\n...\nc", "a 1.004 b c") == ""
    assert holds("a 1.00", "a 1.2") == "a 1.00"
    assert holds("a\n...\nd", "a b c") == "\nd"


def test_every_snippet_runs_and_prints_what_stands_below_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    names: dict[str, object] = {"__name__": "readme"}
    live = ""
    wrong = []
    for language, text in BLOCK.findall(README.read_text(encoding="utf-8")):
        if language == "python":
            capsys.readouterr()
            exec(compile(text, str(README), "exec"), names)
            live += capsys.readouterr().err
        elif language == "pycon":
            for example in doctest.DocTestParser().get_examples(text):
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    exec(compile(example.source, str(README), "single"), names)
                if holds(example.want, out.getvalue()) or (example.want and not out.getvalue()):
                    wrong.append((example.source, example.want, out.getvalue()))
        elif language == "text" and text.startswith("$ treedebug"):
            shown, came = shell(text)
            if missing := holds(shown, came):
                wrong.append((text.partition("\n")[0], missing, came))
        elif language == "text" and holds(text, live):
            wrong.append(("while it trains", text, live))
    assert wrong == []
    assert sorted(p.name for p in Path("runs").iterdir()) == ["net", "search", "stopped", "tumours", "tumours-lgb"]
