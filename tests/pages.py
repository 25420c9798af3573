"""A page of Markdown as a test: every snippet runs as pasted, in order, and prints what stands below it.

Numbers may differ by a hundredth, times and paths altogether; "..." stands for what is left out. A script too, for an
environment that has nothing but treedebug: `python pages.py PAGE FROM UNTIL` runs the snippets between two headings.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"^-?\d[\d,]*(\.\d+)?(e[-+]?\d+)?$")
Wrong = tuple[str, str, str]
"""What was run, what of the page's output is missing, and what came."""


def alike(shown: str, came: str) -> bool:
    """Whether two words say the same: equal, or numbers within a hundredth."""
    if shown == came:
        return True
    a, b = (word.strip("*,;:()[]%'\"") for word in (shown, came))
    if not (NUMBER.match(a) and NUMBER.match(b)):
        return False
    return math.isclose(float(a.replace(",", "")), float(b.replace(",", "")), rel_tol=0.01, abs_tol=1e-4)


def holds(shown: str, came: str) -> str:
    """The first part of `shown` that does not follow in `came`; "" if all does. Where lines end does not matter."""
    words, at = came.split(), 0
    for part in re.split(r"^\s*\.\.\.\s*$|(?<=[,:]) \.\.\.$", shown, flags=re.MULTILINE):
        wanted = part.split()
        for start in range(at, len(words) - len(wanted) + 1):
            if all(alike(w, c) for w, c in zip(wanted, words[start : start + len(wanted)], strict=True)):
                at = start + len(wanted)
                break
        else:
            return part
    return ""


def between(page: Path, first: str, until: str) -> str:
    """The text of a page from one heading on (its beginning, if "") until another."""
    text = page.read_text(encoding="utf-8")
    start = text.index(f"\n{first}\n") if first else 0
    return text[start : text.index(f"\n{until}\n")] if until else text[start:]


def run_blocks(text: str, names: dict[str, object], shell: Callable[[str], str]) -> list[Wrong]:
    """Run the snippets of a text; `shell` runs what stands behind `$ treedebug ` and returns what it prints."""
    live = ""
    wrong = []
    for language, block in BLOCK.findall(text):
        if language == "python":
            err = io.StringIO()
            with contextlib.redirect_stderr(err):
                exec(compile(block, "page", "exec"), names)
            live += err.getvalue()
        elif language == "pycon":
            wrong += _examples(block, names)
        elif language == "text" and block.startswith("$ treedebug"):
            command, _, shown = block.partition("\n")
            came = shell(command.removeprefix("$ treedebug "))
            if missing := holds(shown, came):
                wrong.append((command, missing, came))
        elif language == "text" and (missing := holds(block, live)):
            wrong.append(("while it trains", missing, live))
    return wrong


def _examples(block: str, names: dict[str, object]) -> list[Wrong]:
    wrong = []
    for example in doctest.DocTestParser().get_examples(block):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(example.source, "page", "single"), names)
        if holds(example.want, out.getvalue()) or (example.want and not out.getvalue()):
            wrong.append((example.source, example.want, out.getvalue()))
    return wrong


def _installed(command: str) -> str:
    """What the installed command prints."""
    program = Path(sys.executable).parent / "treedebug"
    done = subprocess.run(
        [program, *command.split()], capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80"}
    )
    return done.stdout


def main(page: str, first: str = "", until: str = "") -> int:
    """Run a part of a page in this environment, after what came before it: one process goes through the whole page."""
    found = run_blocks(between(Path(page), first, until), {"__name__": "page"}, _installed)
    for ran, missing, came in found:
        sys.stdout.write(f"--- {ran}\nmissing: {missing}\ncame: {came}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
