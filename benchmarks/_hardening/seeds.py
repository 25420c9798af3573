"""What is mutated: small models, runs and tables of every kind. Made in a process of their own, by this file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

MODELS, RUNS, TABLES = "models", "runs", "tables"


def make(folder: Path) -> Path:
    """The seeds below a folder, made if they are not there."""
    if not (folder / TABLES).is_dir():
        here = Path(__file__).parents[1]
        paths = os.pathsep.join([str(here), str(here.parent), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, __file__, str(folder)], check=True, env=environment, stdout=subprocess.DEVNULL)
    return folder


def _xgboost(folder: Path) -> None:
    import numpy as np
    import pandas as pd
    import xgboost as xgb

    import treedebug

    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    y = (X[:, 0] + 0.3 * rng.normal(size=80) > 0).astype(int)
    three = np.digitize(X[:, 0], [-0.5, 0.5])
    frame = pd.DataFrame({"a": X[:, 0], "b": pd.Categorical(rng.choice(["x", "y", "z", "w"], 80)), "c": X[:, 2]})
    plain = {"max_depth": 2, "nthread": 1}
    kinds: dict[str, tuple[dict[str, Any], Any, Any]] = {
        "binary": ({"objective": "binary:logistic"}, X, y),
        "classes": ({"objective": "multi:softprob", "num_class": 3}, X, three),
        "dart": ({"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5}, X, y),
        "linear": ({"objective": "binary:logistic", "booster": "gblinear"}, X, y),
        "categories": ({"objective": "reg:squarederror"}, frame, X[:, 0]),
        "vectors": ({"objective": "reg:squarederror", "multi_strategy": "multi_output_tree"}, X, X[:, :2]),
    }
    for name, (params, rows, label) in kinds.items():
        train = xgb.DMatrix(rows, label, enable_categorical=name == "categories")
        callback = treedebug.XGBoostCallback(
            folder / RUNS / f"xgboost-{name}", quiet=True, dart_every=3 if name == "dart" else None,
            data=treedebug.profile(X, y) if name == "binary" else None,
        )  # fmt: skip
        given = {k: v for k, v in ({**plain, **params}).items() if name != "linear" or k != "max_depth"}
        booster = xgb.train(
            given, train, 12 if name == "dart" else 8, evals=[(train, "train"), (train, "valid")], verbose_eval=False,
            callbacks=[callback],
        )  # fmt: skip
        booster.save_model(folder / MODELS / f"{name}.ubj")
        booster.save_model(folder / MODELS / f"{name}.json")
        if name == "binary":
            callback = treedebug.XGBoostCallback(folder / RUNS / f"xgboost-{name}", quiet=True, resume=True)
            xgb.train(given, train, 4, evals=[(train, "train")], verbose_eval=False, callbacks=[callback],
                      xgb_model=booster[:6])  # fmt: skip


def _lightgbm(folder: Path) -> None:
    import lightgbm as lgb
    import numpy as np

    import treedebug

    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 3))
    X[:, 1] = rng.integers(0, 5, 120)
    y = (X[:, 0] > 0).astype(int)
    kinds: dict[str, tuple[dict[str, Any], Any]] = {
        "binary": ({"objective": "binary"}, y),
        "classes": ({"objective": "multiclass", "num_class": 3}, np.digitize(X[:, 0], [-0.5, 0.5])),
        "dart": ({"objective": "binary", "boosting": "dart", "drop_rate": 0.5}, y),
        "forest": ({"objective": "binary", "boosting": "rf", "bagging_fraction": 0.7, "bagging_freq": 1}, y),
        "linear": ({"objective": "regression", "linear_tree": True}, X[:, 0]),
    }
    for name, (params, label) in kinds.items():
        given = {**params, "num_leaves": 5, "min_data_in_leaf": 5, "num_threads": 1, "verbosity": -1}
        train = lgb.Dataset(X, label, categorical_feature=[] if name == "linear" else [1], free_raw_data=False)
        callback = treedebug.LightGBMCallback(
            folder / RUNS / f"lightgbm-{name}", quiet=True, dart_every=3 if name == "dart" else None
        )
        booster = lgb.train(given, train, 8, valid_sets=[train], callbacks=[callback])
        booster.save_model(folder / MODELS / f"{name}.txt")


def _net(folder: Path) -> None:
    import torch
    from torch import nn

    import nn_bridge

    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    X = torch.randn(32, 3)
    y = (X[:, 0] > 0).long()
    with nn_bridge.TorchRecorder(net, optimizer, folder / RUNS / "torch", quiet=True, whole=["0"]) as recorder:
        for _ in range(6):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(X), y)
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
            recorder.log("valid", loss=float(loss.detach()))
            recorder.predictions("valid", net(X).detach(), y)


def _tables(folder: Path) -> None:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(2)
    frame = pd.DataFrame({
        "a": rng.normal(size=60), "b": rng.integers(0, 9, 60), "c": rng.choice(["red", "green", ""], 60),
        "day": pd.date_range("2024-01-01", periods=60).astype(str), "y": rng.integers(0, 2, 60),
    })  # fmt: skip
    frame.loc[3, "a"] = np.nan
    (folder / TABLES).mkdir()
    frame.to_csv(folder / TABLES / "rows.csv", index=False)
    frame.to_parquet(folder / TABLES / "rows.parquet")
    frame.astype({"c": "category"}).to_parquet(folder / TABLES / "packed.parquet", compression="gzip")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for name in (MODELS, RUNS):
        (place / name).mkdir(parents=True)
    _xgboost(place)
    _lightgbm(place)
    _net(place)
    _tables(place)
