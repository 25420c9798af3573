"""Check mutated files of rows: python benchmarks/fuzz_tables.py [--files 2000] [--seed 0].

Each file is checked in a process of its own with a limit on memory and time. Every outcome but a report or one of
treedebug's errors is printed with the seed that makes the file again, and is the exit status.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

import treedebug

SECONDS, BYTES = 10, 1 << 30
SUFFIXES = (".csv", ".jsonl", ".parquet", ".xlsx", ".arrow", ".svm")
SPLICES = (
    b"\x00",
    b"\xff\xfe",
    b'"',
    b",",
    b"\n",
    b"\r\n",
    b"1e999",
    b"NaN",
    b"{",
    b"}",
    b"[" * 50,
    b"9" * 400,
    b"\xf0\x9f",
)


def table(rng: np.random.Generator) -> pd.DataFrame:
    """A small table of all kinds of columns."""
    n = int(rng.integers(3, 200))
    return pd.DataFrame({
        "a": rng.normal(size=n), "b": rng.integers(0, 5, n), "c": rng.choice(["x", "Köln", "", "1"], n),
        "d": pd.date_range("2024-01-01", periods=n).astype(str), "y": rng.integers(0, 2, n),
    })  # fmt: skip


def written(frame: pd.DataFrame, suffix: str) -> bytes:
    """The table as a file of this kind."""
    buffer = io.BytesIO()
    if suffix == ".csv":
        return frame.to_csv(index=False).encode()
    if suffix == ".jsonl":
        return frame.to_json(orient="records", lines=True).encode()
    if suffix == ".svm":
        return "".join(f"{y} 1:{a:.3g} 2:{b}\n" for a, b, y in frame[["a", "b", "y"]].itertuples(index=False)).encode()
    if suffix == ".parquet":
        frame.to_parquet(buffer)
    elif suffix == ".xlsx":
        frame.to_excel(buffer, index=False)
    else:
        frame.to_feather(buffer)
    return buffer.getvalue()


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The bytes with a few of them changed, moved, doubled, cut or replaced by what readers stumble over."""
    raw = bytearray(data)
    for _ in range(int(rng.integers(1, 12))):
        at, size = int(rng.integers(0, max(len(raw), 1))), int(rng.integers(1, 40))
        kind = int(rng.integers(0, 7))
        if kind == 0 and raw:
            raw[at] = int(rng.integers(0, 256))
        elif kind == 1:
            del raw[at : at + size]
        elif kind == 2:
            raw[at:at] = raw[at : at + size] * int(rng.integers(1, 30))
        elif kind == 3:
            raw[at:at] = SPLICES[int(rng.integers(0, len(SPLICES)))]
        elif kind == 4 and rng.random() < 0.2:
            del raw[at:]
        elif kind == 5:
            raw[at : at + size] = rng.bytes(size)
        else:
            raw[at : at + 4] = int(rng.integers(0, 2**32)).to_bytes(4, "little")
    return bytes(raw)


def outcome(path: Path) -> str:
    """What a process of its own makes of the file."""
    child = os.fork()
    if child == 0:
        os._exit(judged(path))
    deadline = time.monotonic() + SECONDS + 5
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return {0: "report", 1: "error", 2: "foreign error", 3: "memory"}.get(code, f"died of {code}")
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "too slow"


def judged(path: Path) -> int:
    """Check the file under limits of time and memory, in the child."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, used + BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        report = treedebug.check(path, target="y" if path.suffix != ".svm" else None)
    except treedebug.TreedebugError:
        return 1
    except MemoryError:
        return 3
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        sys.stderr.write(f"{path.name}: {type(error).__name__}: {str(error)[:200]}\n")
        return 2
    if report.verdict.crashed:
        sys.stderr.write(f"{path.name}: {report.verdict.crashed[0]}\n")
        return 2
    return 0


def main() -> int:
    """Check as many files as asked for, and count what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        treedebug.check(table(np.random.default_rng(0)), target="y")  # imports, once
        for number in range(args.seed, args.seed + args.files):
            rng = np.random.default_rng(number)
            suffix = SUFFIXES[number % len(SUFFIXES)]
            path = Path(folder) / f"t{number}{suffix}"
            path.write_bytes(mutated(written(table(rng), suffix), rng))
            found = outcome(path)
            counts[f"{suffix[1:]} {found}"] += 1
            if found not in ("report", "error"):
                print(f"file {number}: {found}", flush=True)
            path.unlink()
    for name, n in sorted(counts.items()):
        print(f"{name:24} {n}")
    return sum(n for name, n in counts.items() if name.split(" ", 1)[1] not in ("report", "error"))


if __name__ == "__main__":
    sys.exit(min(main(), 1))
