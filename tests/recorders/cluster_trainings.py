"""Trainings on a cluster of two worker processes on this machine: `python cluster_trainings.py KIND PATH [STOP_ON]`.

Prints the number of rounds of the model that came back; with PATH `return`, also those of the run that came back, whole
with its trees. The first worker has three times the rows of the second, where
the framework lets us say so.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import treedebug

NAMES = list("abcde")


def rows() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    return X, (X[:, 0] + rng.normal(size=400) > 0).astype(float)


def frame() -> pd.DataFrame:
    X, y = rows()
    return pd.DataFrame(X, columns=NAMES).assign(label=y)


def actions(stop_on: str | None) -> list[Any]:
    return [treedebug.StopTraining(on=[stop_on])] if stop_on else []


def show_returned(path: str, callback: Any) -> None:
    if path == "return":
        run = callback.run
        print(f"returned={run.n_rounds} trees={len(run.trees)} state={run.state}")  # noqa: T201 - what the test reads


def dask(library: str, path: str, stop_on: str | None) -> int:
    import dask.array as da
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        X, y = rows()
        X, y = da.from_array(X, chunks=((300, 100), 5)), da.from_array(y, chunks=((300, 100),))
        if library == "lightgbm":
            import lightgbm as lgb

            callback = treedebug.LightGBMCallback(path, actions=actions(stop_on))
            model = lgb.DaskLGBMClassifier(client=client, n_estimators=30, learning_rate=0.9, num_threads=1, verbose=-1)
            model.fit(X, y, callbacks=[callback])
            show_returned(path, callback)
            return int(model.booster_.current_iteration())
        from xgboost import dask as xgb_dask

        data = xgb_dask.DaskDMatrix(client, X, y)
        params = {"objective": "binary:logistic", "eta": 0.9, "nthread": 1}
        callback = treedebug.XGBoostCallback(path, actions=actions(stop_on))
        done = xgb_dask.train(
            client, params, data, 30, evals=[(data, "train")], callbacks=[callback], verbose_eval=False
        )
        show_returned(path, callback)
        return int(done["booster"].num_boosted_rounds())


def spark(path: str, stop_on: str | None) -> int:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession
    from xgboost.spark import SparkXGBClassifier

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    data = session.createDataFrame(frame()).repartition(2)
    callback = treedebug.XGBoostCallback(path, actions=actions(stop_on))
    model = SparkXGBClassifier(features_col=NAMES, label_col="label", num_workers=2, n_estimators=30, learning_rate=0.9,
                               callbacks=[callback]).fit(data)  # fmt: skip
    show_returned(path, callback)
    return int(model.get_booster().num_boosted_rounds())


def ray(path: str, stop_on: str | None) -> int:
    os.environ["RAY_TRAIN_V2_ENABLED"] = "1"
    import ray
    from ray.train import RunConfig, ScalingConfig
    from ray.train.xgboost import XGBoostTrainer

    def loop(config: dict[str, Any]) -> None:
        import xgboost

        held = ray.train.get_dataset_shard("train").materialize().to_pandas()
        data = xgboost.DMatrix(held[NAMES], held["label"])
        stops = [treedebug.StopTraining(on=[config["stop_on"]])] if config["stop_on"] else []
        callback = given or treedebug.XGBoostCallback(config["path"], actions=stops)
        booster = xgboost.train({"objective": "binary:logistic", "eta": 0.9, "nthread": 1}, data, 30,
                                evals=[(data, "train")], verbose_eval=False, callbacks=[callback])  # fmt: skip
        Path(f"{config['results']}-rounds-{ray.train.get_context().get_world_rank()}").write_text(
            str(booster.num_boosted_rounds()), encoding="ascii"
        )  # without a checkpoint Ray brings no metrics back
        ray.train.report({})

    given = treedebug.XGBoostCallback(path) if path == "return" else None
    results = path if given is None else str(Path(tempfile.mkdtemp(), "run"))
    ray.init(num_cpus=3, include_dashboard=False, object_store_memory=100 * 2**20)
    trainer = XGBoostTrainer(
        loop, train_loop_config={"path": path, "stop_on": stop_on, "results": results},
        datasets={"train": ray.data.from_pandas(frame())}, scaling_config=ScalingConfig(num_workers=2),
        run_config=RunConfig(storage_path=f"{results}-ray"),
    )  # fmt: skip
    trainer.fit()
    show_returned(path, given)
    (rounds,) = {int(Path(f"{results}-rounds-{rank}").read_text(encoding="ascii")) for rank in range(2)}
    return rounds


if __name__ == "__main__":
    kind, where, stop = (*sys.argv[1:], None)[:3]
    trained = (
        spark(where, stop) if kind == "spark" else ray(where, stop) if kind == "ray" else dask(kind, where, stop)
    )  # fmt: skip
    print(f"rounds={trained}")  # noqa: T201 - what the test reads
