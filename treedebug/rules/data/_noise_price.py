"""What DA622 says of the price of wrong labels."""

from __future__ import annotations

from treedebug.core.phrases import percent
from treedebug.signals.data.noise_price import noise_price
from treedebug.signals.data.suspect_labels import LabelSuspects

_RARE = 0.8
"""Where fewer of the rows labelled as the rarer class belong to it, lost rows are too kind a measure."""


def price_words(found: LabelSuspects, share: float) -> str:
    """Return the price in rows, or what is left of the rarer class; "" where it is not known."""
    price = noise_price(found.counts, share)
    if price is None:
        return ""
    if price.rare_precision < _RARE:
        return (
            f"; if chance turned them, only {percent(price.rare_precision)} of the rows labelled as the rarer class "
            "belong to it"
        )
    return (
        f"; if chance turned them, they cost as much as {percent(1.0 - price.worth / price.n_rows)} of the rows: "
        f"mending the labels of {price.n_rows:,} rows is worth about {_two_digits(price.new_rows):,} new ones of the "
        "same quality"
    )


def _two_digits(n: int) -> int:
    return int(float(f"{n:.2g}"))
