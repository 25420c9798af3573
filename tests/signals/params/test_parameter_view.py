"""Parameters as rules read them."""

from __future__ import annotations

import pytest

from treedebug.core.run.run_data import Header
from treedebug.signals.params.parameter_view import Params


@pytest.mark.parametrize(("value", "number"), [
    (3, 3.0), ("0.5", 0.5), (True, 1.0), ("many", None), (None, None), ([1], None),
    (float("nan"), None), ("nan", None), (float("inf"), None), (10**400, None),
])  # fmt: skip
def test_a_number_is_one_that_can_be_computed_with(value: object, number: float | None) -> None:
    params = Params.measure(Header(library="xgboost", params={"n_jobs": value}))
    assert params.numeric("n_jobs") == number
