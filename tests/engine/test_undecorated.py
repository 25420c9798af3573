"""A rule with parameters that somebody forgot to make a dataclass."""

import pytest

import treedebug
from treedebug.engine.registry import Registry


class Forgotten(treedebug.Rule):
    """Lacks its decorator."""

    code = "MY001"
    name = "forgotten"
    limit: float = treedebug.param(1.0, "seconds", ge=0.0)

    def check(self, rounds: treedebug.RoundLog):
        yield from ()


def test_the_message_names_the_decorator():
    with pytest.raises(treedebug.ConfigError, match="@dataclass") as caught:
        Registry([Forgotten])
    assert "limit" in str(caught.value)


def test_a_callback_refuses_it_before_the_training(tmp_path):
    with pytest.raises(treedebug.ConfigError, match="@dataclass"):
        treedebug.XGBoostCallback(tmp_path / "run", rules=[Forgotten])
