import numpy as np
import pytest

from tests.rules.data.real import found_in
from treedebug.core.data.table_profile import TokenProfile
from treedebug.rules.data.skewed_token_ratio import SkewedTokenRatio
from treedebug.testing import data_sets, rule_test, table


def tokens(share, token=0):
    counted = TokenProfile(column="text", token=token, n_sequences=100, n_elements=4000, n_of_token=int(4000 * share),
                           mean_share=share, n_over=(100, 100, 90, 80, 70, 20, 0, 0, 0, 0))  # fmt: skip
    return data_sets(table(tokens=(counted,)))


test_skewed_token_ratio = rule_test(
    SkewedTokenRatio(),
    fires={
        "mostly padding": (tokens(0.65), {"token": 0, "mean_share": 0.65, "columns": ["text"]}),
        "mostly unknown": (tokens(0.5, 1), {"token": 1}),
    },
    silent={"a third": tokens(0.33), "none": tokens(0.0)},
    skipped={"no sequences": data_sets(table())},
)


@pytest.mark.parametrize(("length", "expected"), [(4, True), (18, False)])
def test_real_sequences(length, expected):
    words = np.random.default_rng(0).integers(2, 50, size=(200, 20))
    words[:, length:] = 0
    findings = found_in(SkewedTokenRatio(), words, tokens=[0, 1])
    assert [f.evidence["token"] for f in findings] == ([0] if expected else [])
    if findings:
        assert findings[0].try_next[0].value == length
