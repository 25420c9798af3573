"""Check mutated files of rows: python benchmarks/fuzz_tables.py [--files 2000] [--seed 0].

A worker checks one file after the other with a limit on memory and time; where a file kills it, another takes over
behind that file. Every outcome but a report or one of treedebug's errors is printed with the number that makes the file
again, and is the exit status.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import io
import resource
import signal
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import treedebug

SECONDS, BYTES = 10, 1 << 30
A_WORKER = 250
"""Files that one process checks."""
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
    for _ in range(int(rng.geometric(0.4))):
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


def judged(path: Path) -> str:
    """Check the file, in the worker."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        report = treedebug.check(path, target="y" if path.suffix != ".svm" else None)
    except treedebug.TreedebugError:
        return "error"
    except MemoryError:
        return "memory"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        sys.stderr.write(f"{path.name}: {type(error).__name__}: {str(error)[:200]}\n")
        return "foreign error"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if report.verdict.crashed:
        sys.stderr.write(f"{path.name}: {report.verdict.crashed[0]}\n")
        return "crashed rule"
    return "report"


def work(numbers: range, folder: Path, pipe: int) -> None:
    """Check the files of these numbers in this process, and write what became of each to the pipe."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, used + BYTES))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # CPU seconds: dies of it
    warnings.simplefilter("ignore")
    for number in numbers:
        rng = np.random.default_rng(number)
        suffix = SUFFIXES[number % len(SUFFIXES)]
        path = folder / f"t{number}{suffix}"
        path.write_bytes(mutated(written(table(rng), suffix), rng))
        os.write(pipe, f"{number} {judged(path)}\n".encode())
        path.unlink()


def checked(numbers: range, folder: Path) -> Iterator[tuple[int, str]]:
    """Yield each number with what became of its file."""
    start = numbers.start
    while start < numbers.stop:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            work(range(start, min(start + A_WORKER, numbers.stop)), folder, write)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as lines:
            for line in lines:
                number, _, found = line.strip().partition(" ")
                start = int(number) + 1
                yield int(number), found
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code:
            yield start, "too slow" if code == -signal.SIGPROF else f"died of {code}"
            start += 1


def main() -> int:
    """Check as many files as asked for, and count what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="number of the first file")
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    treedebug.check(table(np.random.default_rng(0)), target="y")  # imports, once
    with tempfile.TemporaryDirectory() as folder:
        for number, found in checked(range(args.seed, args.seed + args.files), Path(folder)):
            counts[f"{SUFFIXES[number % len(SUFFIXES)][1:]} {found}"] += 1
            if found not in ("report", "error"):
                print(f"file {number}: {found}", flush=True)
    for name, n in sorted(counts.items()):
        print(f"{name:24} {n}")
    return sum(n for name, n in counts.items() if name.split(" ", 1)[1] not in ("report", "error"))


if __name__ == "__main__":
    sys.exit(min(main(), 1))
