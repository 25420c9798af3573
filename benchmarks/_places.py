"""What the rounds of a training cost with its run in a folder, in object storage, and in one that is down."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

import s3fs
from _trainings import TRAININGS

import treedebug
from tests.store.remote.storage import STORAGES, free_port
from treedebug.store.remote import shipper

MOTO = STORAGES["moto"]
REPEATS = 7
LOCAL = "a folder"
CALLBACKS = {"xgboost": treedebug.XGBoostCallback, "lightgbm": treedebug.LightGBMCallback}


def _seconds_of_rounds(train: Callable[[list[Any], int], Any], callback: Any) -> float:
    """From the first round to the last, as the recorder notes them: without what comes before and after."""
    train([callback], 1)
    return float(callback.run.rounds["seconds"][1:].sum())


def places() -> list[dict[str, Any]]:
    """Medians, taken in turn; "a folder, again" shows what noise is."""
    shipper.SECONDS_BETWEEN, shipper.LAST_WAIT = 0.5, 0.2
    results = []
    with MOTO.server() as server, tempfile.TemporaryDirectory() as temporary:
        os.environ["TREEDEBUG_SPOOL"] = f"{temporary}/spool"
        for library, callback in CALLBACKS.items():
            train = TRAININGS[library](2_000, 1_500, 2, 6)
            taken: dict[str, list[float]] = {}
            for i in range(REPEATS):
                where = {
                    LOCAL: (f"{temporary}/{library}-{i}", server),
                    "a folder, again": (f"{temporary}/{library}-again-{i}", server),
                    "S3": (MOTO.url(f"places/{library}-{i}"), server),
                    "S3, down": (MOTO.url(f"places/{library}-down-{i}"), free_port()),
                }
                for place, (path, port) in where.items():
                    os.environ.update(MOTO.variables(port))
                    s3fs.S3FileSystem.clear_instance_cache()
                    taken.setdefault(place, []).append(_seconds_of_rounds(train, callback(path, quiet=True)))
                    time.sleep(0.2)
            for place, seconds in taken.items():
                ratios = sorted(s / t for s, t in zip(seconds, taken[LOCAL], strict=True))
                results.append(
                    {"library": library, "run in": place, "s of 1,500 rounds": round(statistics.median(seconds), 2),
                     "over a folder": f"x{statistics.median(ratios):.3f}", "range": f"{ratios[0]:.3f}-{ratios[-1]:.3f}"}
                )  # fmt: skip
                print(results[-1], flush=True)
    return results
