import lightgbm as lgb
import numpy as np

import treedebug
from tests.curves_of import fall, noisy
from treedebug.rules.curves.worse_than_constant import WorseThanConstant
from treedebug.testing import curves, labels, rule_test, split, trees

HALVES = labels([500, 500], dataset="valid")
"""A constant prediction scores 0.6931."""


def graph(**values):
    return curves(data=HALVES, **values)


def rise(n, *, start=0.71, slope=0.003):
    """Worsens from the first round on."""
    return start + slope * np.arange(n)


def promised(valid, *, gain=200.0, n_valid=500, **params):
    """Watched on both sets; the first tree has one split with this gain, on 1,000 rows."""
    data = labels([500, 500]) | labels([n_valid // 2, n_valid // 2], dataset="valid")
    params = {"objective": "binary:logistic", "learning_rate": 0.1, **params}
    run = curves(
        train=fall(len(valid)), valid=valid, data=data, params=params, objective="binary:logistic", n_features=8
    )
    return trees([split(0, gain=gain)] * len(valid), run=run)


STANDS = np.r_[0.6929, np.linspace(0.6935, 0.71, 11)]

test_worse_than_constant = rule_test(
    WorseThanConstant(),
    fires={
        "from the first round on": (graph(valid=rise(40)), {"best_round": 0, "wait": 39}),
        "the first tree promised more": (promised(STANDS), {"best_round": 0}),
        "best in the third round": graph(valid=[0.72, 0.71, 0.70, *rise(40)]),
    },
    silent={
        "the first tree is no better than chance": promised(STANDS, gain=15.0),
        "too few validation rows to tell": promised(STANDS, n_valid=80),
        "validation keeps a part of it": promised(np.r_[STANDS[:1], 0.66, STANDS[2:]]),
        "a step so large that it may overshoot": promised(STANDS, learning_rate=2.5),
        "rare positives weigh more": promised(STANDS, scale_pos_weight=9),
        "best four rounds ago": promised(STANDS[:5]),
        "too few rounds": graph(valid=rise(20)),
        "it learns": graph(valid=fall(60)),
        "best in the fifth round": graph(valid=[0.75, 0.74, 0.73, 0.72, 0.70, *rise(40)]),
        "no worse than a constant by much": graph(valid=rise(40, start=0.694, slope=0.0005)),
        "the first round was good": graph(valid=rise(40, start=0.6)),
        "noise": graph(valid=noisy(np.full(40, 0.72), 0.02)),
        "the training data is watched too": graph(train=fall(40), valid=rise(40)),
    },
    skipped={"no validation set": graph(train=fall(40))},
)


def test_a_real_booster_whose_validation_labels_are_turned_round():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(1200, 6))
    label = features[:, 0] + 0.3 * rng.normal(size=1200)
    params = {"objective": "regression", "num_threads": 1, "verbosity": -1}
    for sign, expected in ((1.0, []), (-1.0, ["CV112"])):
        train = lgb.Dataset(features[:800], label[:800])
        valid = lgb.Dataset(features[800:], sign * label[800:], reference=train)
        mine = treedebug.LightGBMCallback(quiet=True)
        lgb.train(params, train, 40, valid_sets=[valid], valid_names=["valid"], callbacks=[mine])
        assert [f.code for f in treedebug.check(mine.run).findings if f.code == "CV112"] == expected
