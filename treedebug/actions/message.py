"""What an action sends: the findings and the run they are of, as JSON and as plain text."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from treedebug.core.findings import Finding
from treedebug.core.plain_json import plain
from treedebug.core.run.run_data import RunData
from treedebug.core.version import __version__

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_TITLE, _LONGEST_LINE = 120, 2000


@dataclass(frozen=True)
class Message:
    """Findings to send, as they stood when the action was asked. Made in the training's thread, sent in another."""

    title: str
    text: str
    facts: dict[str, Any]
    """As JSON gives it back."""
    findings: tuple[Finding, ...]

    @property
    def body(self) -> bytes:
        """The facts as standard JSON, ASCII only."""
        return json.dumps(self.facts, separators=(",", ":")).encode("ascii")

    @property
    def codes(self) -> str:
        """Say "CV102 and DA601": what the message is about."""
        return " and ".join(dict.fromkeys(f.code for f in self.findings))


def make_message(run: RunData, findings: Sequence[Finding]) -> Message:
    """Return the message on these findings of a run."""
    header = run.header
    name = _clean(header.name or header.library or "a training")
    counted = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"
    title = f"treedebug: {counted} in {name} after {run.n_rounds} rounds"[:_LONGEST_TITLE]
    facts = {
        "treedebug": __version__,
        "sent": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "run": {
            "run_id": header.run_id,
            "name": header.name,
            "library": header.library,
            "objective": header.objective,
            "host": header.host.get("name", ""),
            "n_rounds": run.n_rounds,
            "planned_rounds": header.planned_rounds,
            "state": run.ending["state"] if run.ending else "running",
        },
        "findings": [f.to_dict() for f in findings],
    }
    text = "\n".join(_clean(str(f))[:_LONGEST_LINE] for f in findings)
    return Message(title, text, plain(facts, standard=True), tuple(findings))


def _clean(text: str) -> str:
    """Return the text on one line without control characters: a run's name must not become a header of a mail."""
    return " ".join(_CONTROL.sub(" ", text).split())
