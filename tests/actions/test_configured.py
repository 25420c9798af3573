"""Actions in pyproject.toml: the same words, and what is wrong is said with the file."""

from __future__ import annotations

import sys

import pytest

import treedebug
from tests.properties.test_live_loaded_replayed import train_xgboost
from treedebug.actions.configured import ALLOW_COMMANDS, make_actions
from treedebug.core.errors import ConfigError
from treedebug.engine.config import load_config
from treedebug.store.action_log import ACTIONS_NAME, read_actions


def configured(tmp_path, text):
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    return load_config(path)


STOPS = """
[[tool.treedebug.actions]]
do = "stop-training"
on = ["HP507"]
"""


def test_the_training_acts_as_configured(tmp_path):
    callback = treedebug.XGBoostCallback(tmp_path / "run", config=configured(tmp_path, STOPS), quiet=True)
    train_xgboost(callback, 60, eta=0.9)
    assert (callback.run.state, callback.run.n_rounds) == ("stopped", 1)


def test_a_watcher_acts_for_a_training_that_does_not_judge(tmp_path, monkeypatch):
    monkeypatch.setenv(ALLOW_COMMANDS, "1")
    code = "import sys; open(sys.argv[1], 'a').write('x')"
    config = configured(
        tmp_path,
        f'[[tool.treedebug.actions]]\ndo = "run-command"\narguments = [{sys.executable!r}, "-c", "{code}", '
        f'"{tmp_path / "out"}"]\non = ["HP507"]\n',
    )
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "runs" / "a", quiet=True), 60, eta=0.9)  # no actions there
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "runs" / "b", quiet=True, judge=False), 60, eta=0.9)
    treedebug.watch(tmp_path / "runs", config=config)
    assert (tmp_path / "out").read_text() == "x"
    said = {
        p: [n.message for n in r.notes if n.topic == "actions"] for p, r in treedebug.runs(tmp_path / "runs").items()
    }
    assert said["a"] == []
    (message,) = said["b"]
    assert message.startswith("RunCommand told of HP507: ")
    assert message in str(treedebug.check(tmp_path / "runs" / "b").notes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[tool.treedebug.actions]]\ndo = "notfy"', "no action 'notfy'. Did you mean 'notify'"),
        ('[[tool.treedebug.actions]]\non = ["CV"]', 'it needs do = "notify"'),
        ('[[tool.treedebug.actions]]\ndo = "call-function"', "from Python only"),
        ('[[tool.treedebug.actions]]\ndo = "stop-training"\nonn = ["CV"]', "no setting 'onn'. Did you mean 'on'"),
        ('[[tool.treedebug.actions]]\ndo = "stop-training"\non = "CV"', "takes a list of rule codes"),
        ('[[tool.treedebug.actions]]\ndo = "run-command"\narguments = ["x"]', "set TREEDEBUG_ALLOW_COMMANDS=1"),
        ('[[tool.treedebug.actions]]\ndo = "webhook"', "missing 1 required"),
        ('[tool.treedebug.actions]\ndo = "webhook"', "write each action in a table"),
        ('[tool.treedebug]\nactions = ["notify"]', "write each action in a table"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(text, says, tmp_path):
    def act():
        config = configured(tmp_path, text)
        make_actions(config.actions, config.origin)

    with pytest.raises(ConfigError) as error:
        act()
    assert says in str(error.value)
    assert "pyproject.toml" in str(error.value)


def test_a_damaged_log_of_actions_is_read_as_far_as_it_goes(tmp_path):
    (tmp_path / ACTIONS_NAME).write_bytes(
        b'{"run_id": "a", "message": "one", "round_index": 3}\nnot json\n[1]\n{"run_id": "b", "message": "two"}\n'
        b'{"run_id": "a", "message": 5}\n'
        + b"[" * 9000
        + b"\n"
        + b'{"run_id": "a", "message": "three", "round_index": "x"}\n'
    )
    assert [(n.message, n.round_index) for n in read_actions(tmp_path, "a")] == [("one", 3), ("three", None)]
    assert read_actions(tmp_path / "none", "a") == []
