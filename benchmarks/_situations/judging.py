"""What a user learns from what was said: the cause first, behind something, something misleading, or nothing."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .core import REGISTRY, Said, Seen, Situation

MODULES = (
    "objectives",
    "stopping",
    "patience",
    "labels",
    "targets",
    "parameters",
    "training",
    "scales",
    "data",
    "runs",
    "hardware",
    "fine",
)
NETS = ("nets_loops", "nets_losses", "fresh_nets_data", "fresh_nets_modes")
"""Of networks: they need PyTorch."""
FRESH_MODULES = sorted(
    module.name
    for module in pkgutil.iter_modules([str(Path(__file__).parent)])
    if module.name.startswith("fresh") and module.name not in NETS
)
NET_KIND = "networks"
PLACES = ("run", "params", "table", "compare")

FIRST, BEHIND, MISLEADING, OTHER, NOTHING = "first", "behind", "misleading", "other", "nothing"
"""The true cause stands first; behind something true; behind something misleading, or something misleading stands
alone; only something else was said, that is true; nothing was said. Infos do not count as said."""
OUTCOMES = (FIRST, BEHIND, MISLEADING, OTHER, NOTHING)
SILENT, ALARM = "silent", "false alarm"
"""Of a healthy training."""


def all_situations(*, nets: bool = False) -> dict[str, Situation]:
    """All situations of boosters, or of networks, by name."""
    for module in NETS if nets else (*MODULES, *FRESH_MODULES):
        importlib.import_module(f"{__package__}.{module}")
    return {name: s for name, s in REGISTRY.items() if s.kind.startswith(NET_KIND) == nets}


def outcome(situation: Situation, said: Sequence[Said]) -> str:
    """What the user learns from findings in this order. A finding that does both counts as misleading."""
    loud = [s for s in said if s.severity != "info"]
    if not loud:
        return NOTHING
    if _matches(situation.misleading, loud[0]):
        return MISLEADING
    named = [i for i, s in enumerate(loud) if _matches(situation.cause, s)]
    return OTHER if not named else BEHIND if named[0] else FIRST


def _matches(pattern: str, said: Said) -> bool:
    return bool(pattern) and re.search(pattern, said.text, re.IGNORECASE) is not None


def judge(name: str, *, nets: bool = False) -> dict[str, Any]:
    """Train a situation both ways and judge what was said, as plain data."""
    warnings.filterwarnings("ignore")
    situation = all_situations(nets=nets)[name]
    began = time.perf_counter()
    user = situation.play(False)
    facts: dict[str, Any] = {
        "name": name,
        "thread": situation.thread,
        "kind": situation.kind,
        "half": situation.half,
        "batch": situation.batch,
        "story": situation.story,
        "measure": situation.measure,
        "asked": situation.asked,
        "loss": user.loss,
    }
    if situation.is_healthy:
        loud = [f"{place}: {s.code} {s.text}" for place, s in _everywhere(user) if s.severity != "info"]
        facts |= {"outcome": ALARM if loud else SILENT, "said": loud}
    else:
        facts |= _faulty(situation, user)
    return facts | {"seconds": time.perf_counter() - began}


def _faulty(situation: Situation, user: Seen) -> dict[str, Any]:
    mended = situation.play(True)
    said = getattr(user, situation.asked)
    elsewhere = {
        place: outcome(situation, there)
        for place in PLACES
        if place != situation.asked and (there := getattr(user, place)) is not None
    }
    still = [f"{s.code} {s.text}" for s in getattr(mended, situation.asked) if _names_it(situation, s)]
    return {
        "outcome": outcome(situation, said),
        "elsewhere": elsewhere,
        "said": [f"{s.code} {s.text}" for s in said if s.severity != "info"],
        "mended_loss": mended.loss,
        "still_named_when_mended": still,
    }


def _names_it(situation: Situation, said: Said) -> bool:
    return said.severity != "info" and _matches(situation.cause, said)


def _everywhere(seen: Seen) -> list[tuple[str, Said]]:
    return [(place, s) for place in PLACES for s in getattr(seen, place) or ()]
