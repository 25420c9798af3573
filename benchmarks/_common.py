"""What the benchmarks share: where they ran, figures and tables as text, JSON on disk, a part of a page."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("treedebug", "xgboost", "lightgbm", "torch", "numpy", "pandas", "scikit-learn", "mlflow")


def machine() -> dict[str, Any]:
    """The machine and the versions, as stated with every result."""
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": versions,
        "date": time.strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table: it reads in a terminal and goes into docs as it is."""
    cells = [[str(h) for h in headings], *[[_cell(v) for v in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def save(name: str, results: Any, path: Path | None = None) -> Path:
    """Write the results with the machine that made them."""
    target = path or RESULTS / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), encoding="utf-8")
    return target


def describe(info: dict[str, Any]) -> str:
    """The machine in one line."""
    versions = ", ".join(f"{k} {v}" for k, v in info["versions"].items())
    where = f"{info['cores']} cores of {info['processor']}, {info['system']}, Python {info['python']}"
    return f"{where}; {versions}; {info['date']}"


class Log:
    """Results, a line of JSON each; a key that is there is not run again."""

    def __init__(self, file: Path, keys: Sequence[str]) -> None:
        self._file, self._keys = file, keys
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        self.results: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self._known = {self._key(r) for r in self.results}

    def _key(self, result: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(result[k] for k in self._keys)

    def has(self, *key: Any) -> bool:
        return tuple(key) in self._known

    def add(self, result: dict[str, Any]) -> None:
        self.results.append(result)
        self._known.add(self._key(result))
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")


def timed(function: Callable[[], Any]) -> tuple[float, float]:
    """(wall, CPU) seconds of a call; CPU counts all threads of the process."""
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - cpu


def ratios(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """(median, least, greatest) of with/without, pair by pair."""
    found = [a / b for a, b in pairs]
    return statistics.median(found), min(found), max(found)


def put(path: Path, part: str, text: str) -> None:
    """Replace what stands between the marks of one part of a page; the rest of it is left as it is."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, rest = path.read_text(encoding="utf-8").split(begin)
    _, after = rest.split(end)
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8", newline="\n")


def share(hits: Iterable[bool]) -> float | None:
    """Of these, the share that is true; None of none."""
    return mean(hits)


def mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def median(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(statistics.median(found)) if found else None


def two(value: float | None, digits: int = 2) -> str:
    """A figure in a table, to two digits behind the point; empty where there is none."""
    return "" if value is None else f"{value:.{digits}f}"


def whole(value: float | None) -> str:
    return two(value, 0)


def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"
