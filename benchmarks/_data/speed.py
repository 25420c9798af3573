"""Time and memory of whole processes: treedebug on tables of three sizes, its peers on the smallest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from _data.peers import REQUIREMENTS, environment

SMALL, LARGE = 100_000, 1_000_000
COLUMNS, PARQUET_COLUMNS = 50, 20
ALLOWED = 2 * 1024**3
"""Bytes of resident memory the process on the Parquet folder may have; it is killed above."""
CHILD = Path(__file__).with_name("child.py")
REPEATS = 3
CHUNK = 500_000
NUMBERS = ("seconds", "cpu", "inside", "inside_cpu", "peak_gb")


def measure(cache: Path, *, peers: bool, large: int) -> list[dict[str, Any]]:
    rows = []
    with _folder() as folder:
        write_table(folder, SMALL)
        name = f"{SMALL:,} x {COLUMNS} + text, 80/20"
        rows += [best(name, tool, sys.executable, folder) for tool in ("nothing", "treedebug")]
        for peer in REQUIREMENTS if peers else ():
            python, why = environment(cache, peer)
            rows.append(best(name, peer, str(python), folder, repeats=1) if python else _missing(name, peer, why))
    with _folder() as folder:
        write_table(folder, LARGE)
        name = f"{LARGE:,} x {COLUMNS} + text, 80/20"
        rows += [best(name, tool, sys.executable, folder) for tool in ("nothing", "treedebug")]
    if large:
        rows.append(_parquet(large))
    return rows


def best(name: str, tool: str, python: str, folder: Path, repeats: int = REPEATS) -> dict[str, Any]:
    """The fastest check of some runs; the seconds of all are kept."""
    runs = [one(python, tool, folder) for _ in range(repeats)]
    chosen = min(runs, key=lambda r: r["inside"] or r["seconds"])
    return {"table": name, "tool": tool, **chosen, "all_seconds": [r["seconds"] for r in runs]}


def one(python: str, tool: str, folder: Path, allowed: int | None = None) -> dict[str, Any]:
    """One process from start to end: seconds, seconds of the check itself, peak resident memory."""
    start = time.perf_counter()
    variables = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen([python, str(CHILD), tool, str(folder)], stdout=out, stderr=err, env=variables)
        was_killed = False
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            if ended:
                break
            if allowed and resident(child.pid) > allowed:
                child.kill()
                was_killed = True
            time.sleep(0.01)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        said, lines = out.read().strip(), err.read().strip().splitlines()
    cpu = usage.ru_utime + usage.ru_stime
    facts = {"seconds": round(seconds, 2), "cpu": round(cpu, 2), "peak_gb": round(usage.ru_maxrss * 1024 / 1e9, 2)}
    if child.returncode or not said:
        why = "killed: more memory than allowed" if was_killed else f"failed: {(lines or ['no word'])[-1][:300]}"
        return facts | {"inside": None, "inside_cpu": None, "note": why}
    told = json.loads(said.splitlines()[-1])
    inside = {name: round(told[name], 2) for name in ("inside", "inside_cpu")}
    return facts | inside | {"note": told["note"]}


def resident(pid: int) -> int:
    """Bytes of resident memory of a process, 0 once it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def write_table(folder: Path, n: int) -> None:
    """Amounts of several scales, whole numbers, gaps, a text with 40 values, a label that five columns tell of."""
    cut = int(0.8 * n)
    for part, size, seed in (("train", cut, 1), ("valid", n - cut, 2)):
        numbers, city, label = rows(size, COLUMNS, np.random.default_rng(seed))
        np.save(folder / f"{part}.npy", numbers)
        np.save(folder / f"{part}-city.npy", city)
        np.save(folder / f"{part}-label.npy", label)


def rows(n: int, d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    numbers = rng.normal(size=(n, d))
    score = numbers[:, :5].sum(axis=1) + 2.0 * rng.normal(size=n)
    city = rng.integers(0, 40, n)
    numbers[:, 5:10] = np.round(np.exp(numbers[:, 5:10] + 3), 2)
    numbers[:, 10:15] = np.floor(np.abs(numbers[:, 10:15]) * 20)
    numbers[:, 15][rng.random(n) < 0.1] = np.nan
    return np.asfortranarray(numbers), city, (score + (city == 3) > 1.0).astype(np.int64)


def write_parquet(folder: Path, n: int) -> float:
    """The rows in files of half a million each; returns their gigabytes in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = 0
    for i in range(-(-n // CHUNK)):
        numbers, city, label = rows(min(CHUNK, n - i * CHUNK), PARQUET_COLUMNS - 1, np.random.default_rng([3, i]))
        columns = {f"n{j:02d}": pa.array(numbers[:, j], from_pandas=True) for j in range(numbers.shape[1])}
        columns["city"] = pa.array([f"city {j:02d}" for j in range(40)]).take(pa.array(city))
        columns["label"] = pa.array(label)
        table = pa.table(columns)
        size += table.nbytes
        pq.write_table(table, folder / f"part-{i:03d}.parquet")
    return size / 1e9


def _parquet(n: int) -> dict[str, Any]:
    name = f"Parquet folder, {n:,} x {PARQUET_COLUMNS}"
    if find_spec("pyarrow") is None:
        return _missing(name, "treedebug", "not measured: pyarrow, which writes the folder, is not installed")
    with _folder() as folder:
        size = write_parquet(folder, n)
        found = one(sys.executable, "treedebug-parquet", folder, ALLOWED)
    found["note"] = f"{size:.1f} GB in memory, 2 GiB allowed; {found['note']}"
    return {"table": name, "tool": "treedebug", **found}


def _missing(name: str, tool: str, why: str) -> dict[str, Any]:
    return {"table": name, "tool": tool, "note": why} | dict.fromkeys(NUMBERS)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="treedebug-data-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
