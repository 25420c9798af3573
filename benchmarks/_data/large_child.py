"""One measured process: start the workers, check the tables, print what came out. Run by `large_ways.py`.

python _data/large_child.py {here,dask-1,dask-2,spark-1,spark-2} FOLDER
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import treedebug
from treedebug.engine.config import Config

Tables = tuple[Any, Any]


@contextmanager
def here(folder: Path, _workers: int) -> Iterator[Tables]:
    yield folder / "train", folder / "valid"


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[Tables]:
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.run(__import__, "treedebug.profiles.sources.distributed")
        yield dd.read_parquet(folder / "train"), dd.read_parquet(folder / "valid")


@contextmanager
def spark(folder: Path, workers: int) -> Iterator[Tables]:
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{workers}]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.range(1).count()  # a first job starts everything
    yield session.read.parquet(str(folder / "train")), session.read.parquet(str(folder / "valid"))
    session.stop()


WAYS = {"here": here, "dask": dask, "spark": spark}


def main() -> None:
    way, _, workers = sys.argv[1].partition("-")
    warnings.simplefilter("ignore")
    with WAYS[way](Path(sys.argv[2]), int(workers or 1)) as (train, valid):
        wall, cpu = time.perf_counter(), time.process_time()
        report = treedebug.check(train, target="label", valid=valid, config=Config(preview=True))
        spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    found = [[f.code, f.subject, f.message] for f in report.findings]
    print(json.dumps(spent | {"findings": found, "profile": report.tables.to_dict()}))


if __name__ == "__main__":
    main()
