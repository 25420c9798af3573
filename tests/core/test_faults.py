"""What fails is said once, and what is guarded keeps its types."""

from __future__ import annotations

import subprocess
import sys

import pytest

from treedebug.core.faults import Faults

SNIPPET = """
from treedebug.core.faults import Faults, Guard

def measure(round_index: int, *, final: bool) -> float:
    return float(round_index)

faults = Faults(lambda topic, message: None, quiet=True)
guard: Guard = faults.guard
a: float | None = faults.guard("trees", measure, 3, final=True)
b: float | None = guard("trees", measure, 3, final=True)
faults.guard("trees", measure, 3, last=True)
guard("trees", measure, "three", final=True)
c: str | None = guard("trees", measure, 3, final=True)
"""


def test_what_fails_is_noted_and_said_once(capfd):
    notes = []
    faults = Faults(lambda topic, message: notes.append((topic, message)), quiet=False)
    for _ in range(3):
        assert faults.guard("trees", lambda: 1 / 0) is None
    assert faults.guard("trees", lambda: 7) is None, "not tried again"
    assert faults.guard("rounds", lambda: 7) == 7
    assert notes == [("trees", "trees are no longer recorded: ZeroDivisionError: division by zero")]
    assert capfd.readouterr().err.count("trees are no longer recorded") == 1


def test_an_exit_is_a_failure_and_an_interrupt_is_not():
    faults = Faults(lambda topic, message: None, quiet=True)
    assert faults.guard("rules", sys.exit, 3) is None

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        faults.guard("trees", interrupt)


@pytest.mark.slow
def test_mypy_sees_through_the_guard(tmp_path):
    file = tmp_path / "snippet.py"
    file.write_text(SNIPPET)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    wrong = [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line]
    assert wrong == ["11", "12", "13"], done.stdout + done.stderr
