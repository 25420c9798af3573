import numpy as np
import pytest
import xgboost as xgb

from tests.boosters import halves, noisy_classes
from tests.curves_of import fall, found, turn
from treedebug import XGBoostCallback
from treedebug.core.findings import Severity
from treedebug.rules.curves.kept_late_rounds import KeptLateRounds
from treedebug.testing import curves, ending, header, rule_test


def stopped(values, *, uses_best=False, patience=50, best=40, **fields):
    run = curves(valid=values, early_stopping_rounds=patience, planned_rounds=1000, **fields)
    run.header.extra["stopping"] = {"uses_best": uses_best} if uses_best is not None else {}
    return ending(run, best_round=best)


test_kept_late_rounds = rule_test(
    KeptLateRounds(),
    fires={
        "a tenth of a log loss worse": (stopped(turn(91)), {"best_round": 40, "last_round": 90}),
        "worse by a little: told": (stopped(turn(91, tau=8, slope=0.0006)), {"best_round": 40}),
    },
    silent={
        "the wrapper or save_best": stopped(turn(91), uses_best=True),
        "not known": stopped(turn(91), uses_best=None),
        "no worse in the end": stopped(np.concatenate([fall(41), np.full(50, 0.3266)])),
        "ended as planned": curves(valid=turn(91), planned_rounds=91),
        "a linear booster": stopped(turn(91), booster="gblinear"),
    },
    skipped={"no validation set": header()},
)


def test_the_severity_goes_by_what_is_lost():
    runs = (stopped(turn(91)), stopped(turn(91, tau=8, slope=0.0006)))
    assert [found(r, KeptLateRounds())[0].severity for r in runs] == [Severity.WARNING, Severity.INFO]


@pytest.mark.parametrize(("how", "kept"), [("argument", True), ("save_best", False), ("wrapper", False)])
def test_a_real_booster_tells_who_cuts(how, kept):
    train, valid = halves(*noisy_classes(400))
    callback = XGBoostCallback(quiet=True)
    common = {"max_depth": 6, "learning_rate": 0.5, "nthread": 1}
    if how == "wrapper":
        model = xgb.XGBClassifier(n_estimators=200, early_stopping_rounds=20, callbacks=[callback], **common)
        model.fit(*train, eval_set=[valid], verbose=False)
    else:
        own = [xgb.callback.EarlyStopping(rounds=20, save_best=True)] if how == "save_best" else []
        more = {} if own else {"early_stopping_rounds": 20}
        xgb.train(
            {"objective": "binary:logistic", **common}, xgb.DMatrix(*train), 200,
            evals=[(xgb.DMatrix(*valid), "valid")], verbose_eval=False, callbacks=[callback, *own], **more,
        )  # fmt: skip
    assert any(f.code == "CV115" for f in callback.run.findings) == kept
