"""One measured process: read a table, let one tool check it, print the seconds the check took. Run by `speed.py`.

    PYTHON _data/child.py {nothing,treedebug,deepchecks,evidently} FOLDER
    PYTHON _data/child.py treedebug-parquet FOLDER

It needs numpy and pandas, and the tool of its own environment only.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

CITIES = np.array([f"city {i:02d}" for i in range(40)], dtype=object)


def read(folder: Path, part: str) -> pd.DataFrame:
    """Numbers as they lie on the disk, a text column from its codes, the label."""
    numbers = np.load(folder / f"{part}.npy")
    frame = pd.DataFrame(numbers, columns=[f"n{i:02d}" for i in range(numbers.shape[1])], copy=False)
    frame["city"] = CITIES[np.load(folder / f"{part}-city.npy")]
    frame["label"] = np.load(folder / f"{part}-label.npy")
    return frame


def nothing(train: pd.DataFrame, valid: pd.DataFrame) -> str:  # noqa: ARG001 - what reading the table takes
    return "the table read and nothing done"


def treedebug_check(train: pd.DataFrame, valid: pd.DataFrame) -> str:
    import treedebug  # noqa: PLC0415
    from treedebug.engine.config import Config  # noqa: PLC0415

    report = treedebug.check(train, target="label", valid=valid, config=Config(preview=True))
    return _told(report)


def deepchecks(train: pd.DataFrame, valid: pd.DataFrame) -> str:
    from deepchecks.tabular import Dataset  # noqa: PLC0415
    from deepchecks.tabular.suites import data_integrity, train_test_validation  # noqa: PLC0415

    sets = [Dataset(part, label="label", cat_features=["city"]) for part in (train, valid)]
    first = data_integrity().run(sets[0])
    second = train_test_validation().run(*sets)
    return f"data integrity and train/test suites, {len(first.results) + len(second.results)} checks"


def evidently(train: pd.DataFrame, valid: pd.DataFrame) -> str:
    from evidently import Report  # noqa: PLC0415
    from evidently.presets import DataDriftPreset, DataSummaryPreset  # noqa: PLC0415

    Report([DataSummaryPreset(), DataDriftPreset()]).run(valid, train)
    return "data summary and drift presets"


def parquet(folder: Path) -> str:
    import treedebug  # noqa: PLC0415
    from treedebug.engine.config import Config  # noqa: PLC0415

    return _told(treedebug.check(folder, target="label", config=Config(preview=True)))


def _told(report) -> str:
    said, skipped = sorted({f.code for f in report.findings}), len(report.verdict.skipped)
    crashed = f", crashed: {[c.code for c in report.verdict.crashed]}" if report.verdict.crashed else ""
    return f"findings: {', '.join(said) or 'none'}; {skipped} rules skipped{crashed}"


TOOLS: dict[str, Callable[[pd.DataFrame, pd.DataFrame], str]] = {
    "nothing": nothing,
    "treedebug": treedebug_check,
    "deepchecks": deepchecks,
    "evidently": evidently,
}


def main() -> None:
    tool, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    tables = () if tool == "treedebug-parquet" else (read(folder, "train"), read(folder, "valid"))
    wall, cpu = time.perf_counter(), time.process_time()
    note = TOOLS[tool](*tables) if tables else parquet(folder)
    print(json.dumps({"inside": time.perf_counter() - wall, "inside_cpu": time.process_time() - cpu, "note": note}))


if __name__ == "__main__":
    main()
