import dataclasses

import pytest

from treedebug.core.run.fingerprints import data_hash, params_hash
from treedebug.core.run.run_data import Header

HEADER = Header(
    library="xgboost",
    params={"max_depth": 6, "eta": 0.1, "odd": float("nan")},
    feature_names=["a", "b"],
    data={"train": {"n_rows": 10, "label_digest": "0123"}},
)


def test_equal_headers_have_equal_hashes_whatever_the_order():
    turned = dataclasses.replace(HEADER, params=dict(reversed(HEADER.params.items())), host={"name": "other"})
    assert params_hash(turned) == params_hash(HEADER)
    assert data_hash(turned) == data_hash(HEADER)
    assert len(params_hash(HEADER)) == 12


@pytest.mark.parametrize(
    ("change", "hashed"),
    [
        ({"params": {"max_depth": 7}}, params_hash),
        ({"library": "lightgbm"}, params_hash),
        ({"planned_rounds": 5}, params_hash),
        ({"feature_names": ["b", "a"]}, data_hash),
        ({"data": {"train": {"n_rows": 10, "label_digest": "0124"}}}, data_hash),
    ],
)
def test_a_change_is_seen(change, hashed):
    assert hashed(dataclasses.replace(HEADER, **change)) != hashed(HEADER)


def test_without_data_there_is_no_hash():
    assert data_hash(Header()) == ""
