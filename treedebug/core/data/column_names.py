"""What the name of a column says of it."""

from __future__ import annotations

import re

_ID = re.compile(r"(^|[^a-z])(id|ids|uuid|guid|key|index|idx|rowid|row_number|rownum)$")


def is_named_id(name: str) -> bool:
    """Return whether a column is named like an identifier: customerId, row_number, uuid."""
    return bool(_ID.search(snake_case(name))) or name.startswith("Unnamed: ")


def snake_case(name: str) -> str:
    """Return the name in lower case, its words parted: "customerId" is "customer_id"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
