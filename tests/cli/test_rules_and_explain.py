import json
import os
import sys

import pytest

from tests.cli.test_main import python
from treedebug.api.known_rules import registry
from treedebug.cli import main

FIRST = next(iter(registry()))


def test_rules_lists_every_rule_with_what_it_needs(capsys):
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    assert all(f"{rule.code}  {rule.severity.label}" in text and rule.name in text for rule in registry())
    assert "needs " in text
    assert max(map(len, text.splitlines())) <= 80


def test_rules_as_json(capsys):
    assert main(["rules", "--output", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [rule["code"] for rule in data] == [rule.code for rule in registry()]
    assert set(data[0]) == {"code", "name", "severity", "preview", "summary", "needs", "options"}


def test_rules_of_a_family(capsys):
    assert main(["rules", FIRST.code[:2].lower(), "--output", "json"]) == 0
    assert {rule["code"][:2] for rule in json.loads(capsys.readouterr().out)} == {FIRST.code[:2]}


@pytest.mark.parametrize("wanted", [FIRST.code, FIRST.code.lower(), FIRST.name])
def test_explain_takes_code_and_name_and_prints_markdown_into_a_pipe(wanted, capsys):
    assert main(["explain", wanted]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"# {FIRST.name} ({FIRST.code})")
    assert "## What it does" in text
    assert "\x1b" not in text


def test_explain_draws_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main(["explain", FIRST.code]) == 0
    text = capsys.readouterr().out
    assert "## " not in text
    assert FIRST.name in text


@pytest.mark.parametrize("command", ["explain", "rules"])
def test_an_unknown_rule_gets_a_suggestion(command, capsys):
    assert main([command, FIRST.name + "x"]) == 2
    captured = capsys.readouterr()
    assert f"Did you mean {FIRST.name!r}?" in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out


@pytest.mark.parametrize("arguments", [["explain", FIRST.code], ["rules"], ["check", "gr\u00f6\u00dfe"]])
def test_an_ascii_terminal_is_no_problem(arguments):
    done = python("-m", "treedebug", *arguments, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert b"Traceback" not in done.stderr
    assert b"UnicodeEncodeError" not in done.stderr
    assert done.returncode == (2 if arguments[0] == "check" else 0)
    assert (done.stdout + done.stderr).decode("ascii").strip()
    assert os.linesep in (done.stdout + done.stderr).decode("ascii")
