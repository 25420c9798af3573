"""What all sending actions share: when they act, that no round waits for them, and what the run says of them."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
import time

import pytest

from treedebug import CallFunction, RunCommand
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding, Severity
from treedebug.core.protocols import StopRequest
from treedebug.testing.builders import rounds


def finding(code="CV102", severity=Severity.WARNING, subject=""):
    return Finding(code=code, name="some-flaw", severity=severity, message="m", subject=subject)


def look(action, run, *findings):
    action.on_findings(run, list(findings), StopRequest())


def notes(run):
    return [n.message for n in run.notes if n.topic == "actions"]


class Calls:
    def __init__(self):
        self.got = []

    def __call__(self, findings):
        self.got.append([f.code for f in findings])


def test_each_finding_once():
    calls, run = Calls(), rounds(5)
    action = CallFunction(calls, on=["CV", "error"])
    look(action, run, finding("CV102"), finding("DA601"))
    look(action, run, finding("CV102"), finding("DA601", Severity.ERROR))
    look(action, run)
    look(action, run, finding("CV102"))
    action.on_end(run)
    assert calls.got == [["CV102"], ["DA601"]]
    assert notes(run) == ["CallFunction told of CV102: called Calls", "CallFunction told of DA601: called Calls"]


def test_each_time_it_opens():
    calls, run = Calls(), rounds(5)
    action = CallFunction(calls, once=False)
    for found in ([finding()], [finding()], [], [finding()]):
        look(action, run, *found)
    action.on_end(run)
    assert calls.got == [["CV102"], ["CV102"]]


def test_not_too_often_and_nothing_is_lost():
    calls, run = Calls(), rounds(5)
    action = CallFunction(calls, every=1000.0)
    look(action, run, finding("CV101"))
    look(action, run, finding("CV101"), finding("CV102"))
    look(action, run, finding("CV101"), finding("CV102"), finding("CV103"))
    run.ending = {"state": "finished"}
    look(action, run, finding("CV101"), finding("CV102"), finding("CV103"))
    action.on_end(run)
    assert calls.got == [["CV101"], ["CV102", "CV103"]]


def test_two_runs_are_told_apart():
    calls, first, second = Calls(), rounds(5), rounds(6)
    action = CallFunction(calls)
    look(action, first, finding())
    look(action, second, finding())
    action.on_end(first)
    action.on_end(second)
    assert calls.got == [["CV102"], ["CV102"]]
    assert len(notes(first)) == len(notes(second)) == 1


def test_a_dry_run_only_says_so():
    calls, run = Calls(), rounds(5)
    action = CallFunction(calls, dry_run=True)
    look(action, run, finding())
    action.on_end(run)
    assert calls.got == []
    assert notes(run) == ["CallFunction would have told of CV102 (dry_run)"]


def test_no_round_waits_and_a_full_queue_is_said():
    free, run = threading.Event(), rounds(5)
    action = CallFunction(lambda _: free.wait(30))
    for n in range(60):  # comes to an end only if none of them waits
        look(action, run, finding(subject=str(n)))
    free.set()
    action.on_end(run)
    assert "CallFunction did not tell of CV102: too many messages wait" in notes(run)


def test_the_end_waits_a_little_only(monkeypatch):
    from treedebug.actions import sending_action

    monkeypatch.setattr(sending_action, "_LAST_WAIT", 0.1)
    free, run = threading.Event(), rounds(5)
    action = CallFunction(lambda _: free.wait(30))
    look(action, run, finding())
    action.on_end(run)
    free.set()
    assert notes(run) == ["CallFunction was still under way when the training had ended"]


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3)])
def test_what_it_raises_is_noted(error):
    def fails(findings):
        raise error

    run = rounds(5)
    action = CallFunction(fails)
    look(action, run, finding())
    action.on_end(run)
    assert notes(run) == [f"CallFunction could not tell of CV102: fails raised {type(error).__name__}: {error}"]


def test_the_thread_comes_back_after_a_rest(monkeypatch):
    from treedebug.actions import courier

    monkeypatch.setattr(courier, "_IDLE_SECONDS", 0.05)
    calls, run = Calls(), rounds(5)
    action = CallFunction(calls)
    look(action, run, finding("CV101"))
    action.on_end(run)
    deadline = time.monotonic() + 10
    while action._courier._thread is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert action._courier._thread is None
    look(action, run, finding("CV102"))
    action.on_end(run)
    assert calls.got == [["CV101"], ["CV102"]]


def test_copies_begin_anew():
    run = rounds(5)
    action = CallFunction(print, on=["CV"])
    look(action, run, finding())
    action.on_end(run)
    for other in (copy.deepcopy(action), pickle.loads(pickle.dumps(action))):  # noqa: S301 - its own
        assert len(other._sent) == 0
        assert repr(other) == "CallFunction(on=['CV'])"


ECHO = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"


def run_command(arguments, **kwargs):
    run = rounds(5)
    action = RunCommand(arguments, **kwargs)
    look(action, run, finding())
    action.on_end(run)
    return notes(run)


def test_a_command_gets_the_findings_on_standard_input(tmp_path):
    import json

    (said,) = run_command([sys.executable, "-c", ECHO, str(tmp_path / "out; rm -rf x")])
    assert said.startswith("RunCommand told of CV102: python")
    assert json.loads((tmp_path / "out; rm -rf x").read_text())["findings"][0]["code"] == "CV102"


@pytest.mark.parametrize(
    ("code", "says"),
    [("raise SystemExit(3)", "ended with exit code 3"), ("import time; time.sleep(60)", "did not end within 0.5 s")],
)
def test_a_command_that_fails(code, says):
    (said,) = run_command([sys.executable, "-c", code, "--password=x"], timeout=0.5 if "sleep" in code else 30)
    assert says in said
    assert "password" not in said


def test_a_command_that_is_not_there():
    (said,) = run_command(["/no/such/program"])
    assert "program cannot be run: No such file" in said


@pytest.mark.parametrize("arguments", ["echo hi", [], [1], ["a\0b"], None])
def test_commands_it_does_not_take(arguments):
    with pytest.raises(ConfigError, match="takes a list of arguments"):
        RunCommand(arguments)


def test_functions_it_does_not_take():
    with pytest.raises(ConfigError, match="takes a function"):
        CallFunction("print")
