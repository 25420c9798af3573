"""One measured process: import a tool, read a table, check it, print the seconds of the check. Run by `speed.py`.

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
from typing import Any

import numpy as np
import pandas as pd

Check = Callable[[Any, Any], str]
"""Takes a training and a validation table and tells what it did."""
PARQUET = "-parquet"
CITIES = np.array([f"city {i:02d}" for i in range(40)], dtype=object)


def read(folder: Path, part: str) -> pd.DataFrame:
    """Numbers as they lie on the disk, a text column from its codes, the label."""
    numbers = np.load(folder / f"{part}.npy")
    frame = pd.DataFrame(numbers, columns=[f"n{i:02d}" for i in range(numbers.shape[1])], copy=False)
    frame["city"] = CITIES[np.load(folder / f"{part}-city.npy")]
    frame["label"] = np.load(folder / f"{part}-label.npy")
    return frame


def nothing() -> Check:
    return lambda _train, _valid: "the table read and nothing done"


def treedebug() -> Check:
    import lightgbm  # noqa: F401 - the library that will train; label noise is looked for with it

    import treedebug as tool
    from treedebug.engine.config import Config

    config = Config(preview=True)

    def check(train: Any, valid: Any) -> str:
        report = tool.check(train, target="label", valid=valid, config=config)
        said, skipped = sorted({f.code for f in report.findings}), len(report.verdict.skipped)
        crashed = f", crashed: {[c.code for c in report.verdict.crashed]}" if report.verdict.crashed else ""
        return f"findings: {', '.join(said) or 'none'}; {skipped} rules skipped{crashed}"

    return check


def deepchecks() -> Check:
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity, train_test_validation

    def check(train: Any, valid: Any) -> str:
        sets = [Dataset(part, label="label", cat_features=["city"]) for part in (train, valid)]
        first = data_integrity().run(sets[0])
        second = train_test_validation().run(*sets)
        return f"data integrity and train/test suites, {len(first.results) + len(second.results)} checks"

    return check


def evidently() -> Check:
    from evidently import Report
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    def check(train: Any, valid: Any) -> str:
        Report([DataSummaryPreset(), DataDriftPreset()]).run(valid, train)
        return "data summary and drift presets"

    return check


TOOLS: dict[str, Callable[[], Check]] = {
    "nothing": nothing,
    "treedebug": treedebug,
    "deepchecks": deepchecks,
    "evidently": evidently,
}


def main() -> None:
    tool, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    check = TOOLS[tool.removesuffix(PARQUET)]()
    tables = (folder, None) if tool.endswith(PARQUET) else (read(folder, "train"), read(folder, "valid"))
    wall, cpu = time.perf_counter(), time.process_time()
    note = check(*tables)
    print(json.dumps({"inside": time.perf_counter() - wall, "inside_cpu": time.process_time() - cpu, "note": note}))


if __name__ == "__main__":
    main()
