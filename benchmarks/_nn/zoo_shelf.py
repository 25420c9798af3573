"""All kinds of the zoo, registered; and one of them trained in a process of its own."""

from __future__ import annotations

import warnings
from typing import Any

from _nn import zoo_games, zoo_images, zoo_kinds, zoo_loops, zoo_more, zoo_rewards, zoo_selves, zoo_sequences  # noqa: F401 - they register themselves
from _nn.zoo import trained


def trained_kind(name: str, seed: int) -> dict[str, Any]:
    """Train a kind; what it warns of is not the benchmark's."""
    warnings.simplefilter("ignore")
    return trained(name, seed)
