"""Where a run comes from: the command line that started it, and the commit of the code in the current folder."""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

_SECRET = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_LONGEST = 1000
_SECONDS = 2.0
_HIDDEN = "***"


def command_line(arguments: list[str] | None = None) -> str:
    """Return the command line of this process, cut at 1,000 characters.

    The values of options and variables whose names speak of secrets (`--api-key x`, `TOKEN=x`), and passwords in URLs,
    are hidden.
    """
    given = list(sys.orig_argv if arguments is None else arguments)
    shown: list[str] = []
    hide_next = False
    for argument in given:
        name, equals, _ = argument.partition("=")
        if hide_next and not argument.startswith("-"):
            shown.append(_HIDDEN)
        elif equals and _SECRET.search(name):
            shown.append(f"{name}={_HIDDEN}")
        else:
            shown.append(re.sub(r"(\w+://[^/\s:@]*):[^@\s/]+@", rf"\1:{_HIDDEN}@", argument))
        hide_next = not equals and argument.startswith("-") and bool(_SECRET.search(argument))
    return shlex.join(shown)[:_LONGEST]


def git_state() -> dict[str, Any]:
    """Return {"commit": ..., "dirty": ...} of the current folder's repository; {} outside one, or without git."""
    return dict(_git_state(str(Path.cwd())))


@functools.lru_cache(maxsize=8)
def _git_state(folder: str) -> tuple[tuple[str, Any], ...]:
    """Ask git once a process and folder. Nothing that the repository's configuration names is run."""
    program = shutil.which("git")
    if program is None or not any((parent / ".git").exists() for parent in (Path(folder), *Path(folder).parents)):
        return ()
    commit = _ask(program, folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return ()
    changed = _ask(program, folder, "diff-index", "--name-only", "HEAD", "--")
    return (("commit", commit.strip()), ("dirty", None if changed is None else bool(changed.strip())))


def _ask(program: str, folder: str, *arguments: str) -> str | None:
    quiet = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "-c", "core.pager=cat", "--no-optional-locks"]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [program, *quiet, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout
