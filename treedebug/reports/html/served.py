"""What a page needs to know where it is served, and follows what it shows, rather than being a file of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where a served page listens, and how it stands. Its style and scripts are files of the server."""

    events: str = ""
    """Address of the events that tell what is new; "" for a page that stays as it is."""
    version: int = 0
    """Number of this page: an event with a larger one has the page fetched again."""
    status: str = ""
    """How the training stands, in a line."""
    links: tuple[tuple[str, str], ...] = (("All runs", "/"),)
    """Text and address of the way back and on."""
