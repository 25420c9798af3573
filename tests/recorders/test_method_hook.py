"""Hooks leave no trace: not on the object, and not in the place that a library's warnings name."""

from __future__ import annotations

import pickle
import sys
import warnings

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.recorders.method_hook import MethodHook


class Owner:
    def shout(self, word="hey"):
        warnings.warn(word, UserWarning, stacklevel=2)
        return word.upper()


def place_of(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [(w.filename, w.lineno, str(w.message)) for w in caught]


def test_warnings_name_the_caller():
    owner, heard = Owner(), []

    def call():
        return owner.shout("hello")

    without = place_of(call)
    hook = MethodHook(owner, "shout", before=lambda *a: heard.append(a), after=lambda result, *a: heard.append(result))
    assert place_of(call) == without
    assert heard == [("hello",), "HELLO"]
    assert len(place_of(lambda: pickle.loads(pickle.dumps(owner.shout))("x"))) == 1  # noqa: S301 - our own
    hook.remove()
    assert "shout" not in vars(owner)


def test_a_filter_by_module_still_works():
    owner = Owner()
    MethodHook(owner, "shout")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=__name__.replace(".", r"\."))
        owner.shout()
        warnings.filterwarnings("error", module="elsewhere")
        owner.shout()


@pytest.mark.parametrize("record", [False, True])
def test_the_warnings_of_xgboost_itself_name_xgboost(record):
    """A parameter that `update` warns of, as far as this version has one: the module is the library's either way."""
    places = []

    class Warns(xgb.Booster):
        def update(self, *args, **kwargs):
            warnings.warn("of update", UserWarning, stacklevel=2)
            return super().update(*args, **kwargs)

    data = xgb.DMatrix(np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 2)
    callbacks = [treedebug.XGBoostCallback(quiet=True)] if record else []
    original = xgb.training.Booster
    xgb.training.Booster = Warns
    try:
        places = place_of(lambda: xgb.train({"nthread": 1}, data, 2, callbacks=callbacks))
    finally:
        xgb.training.Booster = original
    assert {name for name, _, message in places if message == "of update"} == {sys.modules["xgboost.training"].__file__}
