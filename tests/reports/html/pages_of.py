"""Small real trainings whose pages are looked at."""

import numpy as np
import xgboost as xgb

import treedebug

HOSTILE = [
    "<script>alert(1)</script>",
    "n" * 300,
    "\u05e9\u05dc\u05d5\u05dd \u202e\u05e2\u05d5\u05dc\u05dd",
    "</script><img src=x onerror=alert(2)>",
    "a & b \"q\" 'r'",
    "\u2028line",
]


def record(y_of, params, *, n_rounds=40, n=500, names=None, path=None, seed=0, **callback):
    """The run of a small training; `y_of` makes the labels of the features and a generator."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    y = y_of(x, rng)
    cut = int(0.6 * n)
    train, valid = (xgb.DMatrix(x[s], y[s]) for s in (slice(0, cut), slice(cut, n)))
    evals = [(train, "train"), (valid, "valid")]
    recorder = treedebug.XGBoostCallback(path, evals=evals, quiet=True, **callback)
    xgb.train(
        {"nthread": 1, "verbosity": 0, "max_depth": 4, **params},
        train,
        n_rounds,
        evals=evals,
        callbacks=[recorder],
        verbose_eval=False,
    )
    run = recorder.run
    if names is not None:
        run.header.feature_names = list(names)
    return run


def two_classes(x, rng):
    return (x[:, 0] + 0.5 * x[:, 1] + rng.normal(size=len(x)) > 0).astype(int)


def three_classes(x, rng):
    return np.clip(np.round(x[:, 0] + 0.3 * rng.normal(size=len(x))) + 1, 0, 2).astype(int)


def amounts(x, rng):
    return 3.0 * x[:, 0] + np.abs(x[:, 1]) + 0.5 * rng.normal(size=len(x))


def binary(**more):
    return record(two_classes, {"objective": "binary:logistic", "eta": 0.5}, **more)


def regression(**more):
    return record(amounts, {"objective": "reg:squarederror"}, **more)


def multiclass(**more):
    return record(three_classes, {"objective": "multi:softprob", "num_class": 3}, n_rounds=15, **more)


def network():
    """The run of a small net on the digits, with rows that were probed."""
    import torch
    from sklearn.datasets import load_digits
    from torch import nn
    from torch.nn.functional import cross_entropy

    import nn_bridge

    torch.manual_seed(0)
    x, y = (torch.as_tensor(part) for part in load_digits(n_class=3, return_X_y=True))
    x = (x / 16).float()
    net = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    with nn_bridge.TorchRecorder(net, optimizer, None, quiet=True) as recorder:
        for _ in range(5):
            for rows in torch.randperm(400).split(50):
                loss = cross_entropy(net(x[rows]), y[rows])
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                recorder.log("valid", loss=cross_entropy(net(x[400:]), y[400:]))
                recorder.predictions("valid", net(x[400:]), y[400:])
        recorder.probe(x[400:480], y[400:480])
    return recorder.run
