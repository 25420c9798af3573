import pytest

from treedebug.core.profile import Suspect
from treedebug.rules.profile_suspects import noisy_labels
from treedebug.signals.suspects_profile import ProfileSuspects

LIMITS = {"min_noise": 0.03, "min_sure": 0.02, "min_match": 0.7}


def found(noise=0.1, deviation=0.02, contradicted=0.11, n=50):
    suspects = tuple(Suspect(3 * i, "cat", "dog", 0.9, 0.05) for i in range(n))
    return ProfileSuspects(suspects, n, 200, noise, deviation, contradicted, "lightgbm")


def test_it_names_as_many_rows_as_look_wrong():
    said = noisy_labels(found(), **LIMITS)
    assert said.rows == [3 * i for i in range(20)]
    assert "10 % of the labels" in said.message
    assert "0 ('cat', rather 'dog')" in said.message
    assert len(noisy_labels(found(n=4), **LIMITS).rows) == 4


@pytest.mark.parametrize(
    "other", [{"noise": 0.02}, {"noise": 0.05, "deviation": 0.04}, {"contradicted": 0.2}, {"n": 0}], ids=str
)
def test_near_misses(other):
    assert noisy_labels(found(**other), **LIMITS) is None
