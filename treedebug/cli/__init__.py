"""The command line: `treedebug check | watch | ui | compare | report | export | explain | rules | ... | demo`.

Each command is a module of this folder with `configure(parser)` and `run(args) -> int`; only the one asked for is
imported.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from treedebug import __version__
from treedebug.core.errors import TreedebugError, did_you_mean
from treedebug.core.phrases import one_line
from treedebug.core.uncollected import uncollected

COMMANDS = {
    "check": "say what is wrong with a recorded run, a saved model or a table",
    "watch": "follow trainings from another process, judge them, and act",
    "ui": "show all runs of a folder in a browser, and follow those that train",
    "summary": "say what many runs have in common: findings, parameters, waste",
    "sync": "bring runs to object storage that did not get there",
    "compare": "put runs side by side",
    "report": "write one page of HTML that shows a run, a model or a table",
    "export": "write a run as Parquet, CSV, JSON, for TensorBoard or for MLflow",
    "explain": "show a rule's page: what, why, thresholds, when to ignore it",
    "rules": "list all rules with what each needs",
    "nearest": "show the training rows that stand behind a prediction",
    "fix": "train again, keep what validation bears out, prove it once",
    "slim": "make a finished model small, without training again",
    "salvage": "write a new run of what can be trusted of a damaged one",
    "demo": "train a model with a planted problem and watch it being found",
}
_LONGEST = 4000
"""Characters of an error line: a file may hold names of any length."""
OK, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors are one line on stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _never_fail_to_encode()
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return OK
    except TreedebugError as error:
        return fail(str(error))
    except Exception as error:
        if os.environ.get("TREEDEBUG_TRACEBACK"):
            raise
        return fail(f"{type(error).__name__}: {error} (TREEDEBUG_TRACEBACK=1 shows where)")


def fail(message: str) -> int:
    """Print one error line on stderr; returns the exit code of an error."""
    print(f"treedebug: error: {one_line(message)[:_LONGEST]}", file=sys.stderr)
    return FAILED


class _Parser(argparse.ArgumentParser):
    """Errors are one line, like all others; the usage is in --help."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise TreedebugError(f"{message} (see {self.prog} --help)")


def _dispatch(arguments: list[str]) -> int:
    command = next((a for a in arguments if not a.startswith("-")), None)
    if command is None or arguments[0].startswith("-"):
        return _no_command(arguments)
    if command not in COMMANDS:
        hint = did_you_mean(command, COMMANDS)
        raise TreedebugError(f"there is no command {command!r}.{hint} Commands: {', '.join(COMMANDS)}.")
    parser = _Parser(prog=f"treedebug {command}", description=_sentence(COMMANDS[command]))
    module = _load(command)
    module.configure(parser)
    try:
        args = parser.parse_args(arguments[1:])
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    code = int(module.run(args))
    sys.stdout.flush()
    return code


def _load(command: str) -> ModuleType:
    """Import a command's module, and all it needs, here only."""
    with uncollected():
        return importlib.import_module(f"{__name__}.{command}_command")


def _no_command(arguments: list[str]) -> int:
    if arguments[:1] in (["--version"], ["-V"]):
        print(f"treedebug {__version__}")
        return OK
    if not arguments or arguments[0] in ("--help", "-h"):
        width = max(map(len, COMMANDS)) + 2
        print("usage: treedebug [--version] [--help] COMMAND ...\n")
        print("The flight recorder and linter of gradient-boosted trees.\n")
        print("\n".join(f"  {name:<{width}}{purpose}" for name, purpose in COMMANDS.items()))
        print("\n`treedebug COMMAND --help` tells more; `treedebug demo` shows what it is about.")
        return OK if arguments else FAILED
    raise TreedebugError(f"unknown option {arguments[0]!r} before the command (see treedebug --help)")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _never_fail_to_encode() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _discard_stdout() -> None:
    """Keep Python from complaining about the closed pipe once more when it exits."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):
        return
