"""The way back where no cluster is: at home the run is here, and a copy elsewhere says that nothing carries it."""

import copy
import pickle

import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import NotRecordedError
from treedebug.store.returned.spark_way import LatestBytes
from treedebug.store.returned.way_back import WayBack


def sent_away(thing):
    """A copy as another process gets it."""
    return pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own


def train(callback):
    data = xgb.DMatrix([[0.0], [1.0], [2.0], [3.0]] * 5, [0, 0, 1, 1] * 5)
    params = {"objective": "binary:logistic", "nthread": 1, "verbosity": 0}
    return xgb.train(params, data, 4, evals=[(data, "train")], callbacks=[callback], verbose_eval=False)


def test_at_home_the_run_is_here(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    callback = treedebug.XGBoostCallback("return")
    with pytest.raises(NotRecordedError, match="comes back through Dask, Spark or Ray"):
        _ = callback.run
    train(callback)
    assert callback.run.n_rounds == 4
    assert not list(tmp_path.iterdir())
    assert "stays in this process" not in capsys.readouterr().err


def test_a_copy_that_nothing_carries_says_so_and_trains(capsys):
    callback = treedebug.XGBoostCallback("return", quiet=False)
    elsewhere = sent_away(callback)
    assert train(elsewhere).num_boosted_rounds() == 4
    assert "the record stays in this process" in capsys.readouterr().err
    assert elsewhere.run.n_rounds == 4
    with pytest.raises(NotRecordedError):
        _ = callback.run


def test_what_came_back_is_the_run(monkeypatch):
    callback = treedebug.XGBoostCallback("return", quiet=True)
    way = callback._setup.way_back
    elsewhere = sent_away(callback)
    sent = []
    monkeypatch.setattr("treedebug.store.returned.spark_way.send", lambda _, data: sent.append(data) or True)
    model = train(elsewhere)
    monkeypatch.setattr("treedebug.store.returned.spark_way.fetch", lambda _: sent[0])
    run = callback.run
    assert (run.n_rounds, run.state, len(run.trees)) == (4, "finished", 4)
    assert run.booster().save_raw() == model.save_raw()
    assert callback.run.path == run.path
    assert way.fetch() == run.path


def test_copies_share_the_way_and_the_last_bytes_count():
    way = WayBack()
    assert copy.deepcopy(way) is way
    assert sent_away(way).token == way.token
    param = LatestBytes()
    assert param.addInPlace(param.addInPlace(param.zero(b""), b"first"), b"") == b"first"
    assert param.addInPlace(b"first", b"second") == b"second"


def test_a_way_that_breaks_costs_no_training(monkeypatch, capsys):
    def broken(*_):
        raise OSError("the driver is gone")

    monkeypatch.setattr("treedebug.store.returned.spark_way.send", broken)
    elsewhere = sent_away(treedebug.XGBoostCallback("return"))
    assert train(elsewhere).num_boosted_rounds() == 4
    assert "the record cannot be sent back (the driver is gone)" in capsys.readouterr().err
