"""Inputs tried in child processes, so that one that hangs, crashes or eats memory is counted and named, not fatal.

A batch of inputs is tried in a fork of this process, under a limit of address space and, for each input, of CPU time.
A child that dies is replaced: its input has a flaw, and the batch goes on behind it. What an attack writes for an index
is always the same, so a failing input is kept by writing it once more.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import selectors
import shutil
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import treedebug
from _hardening.rows import Arena, Flaw, Row

_ROOT = str(Path(treedebug.__file__).parent.parent)

SECONDS = 5.0
"""CPU time that one input may take."""
MEGABYTES = 512
"""Memory that one input may take."""
_CUT_OFF = SECONDS + 1
_WALL = 45.0
"""After so long without a word a child hangs: in C code, which no signal interrupts, or waiting for something."""
_LOOK = 2.0
"""Seconds between two looks at the children that count as waited for, at most."""
_SPACE = 1 << 30
"""Address space that a child may take beyond what it begins with."""
_BATCH = 100
_MB = 1 << 20


class OutOfTimeError(BaseException):
    """An input took too long. No subclass of Exception: nothing that is tried may swallow it."""


class StoppedError(Exception):
    """The benchmark is to end; `row` holds what was tried so far."""

    def __init__(self, row: Row) -> None:
        super().__init__("stopped")
        self.row = row


class Attack(Protocol):
    """Inputs by number, and what is wrong with what becomes of each."""

    name: str
    point: str

    def write(self, index: int, folder: Path) -> Path:
        """Make the input of that number in an empty folder."""

    def judge(self, path: Path) -> list[Flaw]:
        """Give it to treedebug; what should not have happened."""


@dataclass
class _Child:
    pid: int
    pipe: int
    left: deque[int]
    folder: Path
    at: int | None = None
    silent: float = 0.0
    """Seconds without a word."""
    text: bytes = b""


def run(attack: Attack, arena: Arena, n: int, first: int = 0) -> Row:
    """Try `n` inputs from number `first` on."""
    row = Row(attack.name, attack.point)
    started = time.perf_counter()
    try:
        for index, flaws, seconds, megabytes in _tried(attack, arena, range(first, first + n)):
            kept = _keep(attack, arena, index) if flaws else None
            row.add(f"input {index}", flaws, seconds=seconds, megabytes=megabytes, kept=kept)
    except KeyboardInterrupt:
        raise StoppedError(row) from None
    row.facts["s in all"] = round(time.perf_counter() - started)
    return row


def _keep(attack: Attack, arena: Arena, index: int) -> Path | None:
    folder = arena.kept(attack.name.replace(",", "").replace(" ", "-"), f"{index:06d}", "x")
    if folder is None:
        return None
    shutil.rmtree(folder.parent)
    folder.parent.mkdir()
    with contextlib.suppress(OSError, MemoryError):
        return attack.write(index, folder.parent)
    return folder.parent


def _tried(attack: Attack, arena: Arena, numbers: range) -> Iterator[tuple[int, list[Flaw], float, float]]:
    waiting = deque(deque(numbers[i : i + _BATCH]) for i in range(0, len(numbers), _BATCH))
    running: dict[int, _Child] = {}
    looked = time.monotonic()
    with selectors.DefaultSelector() as selector, _none_left(running):
        while waiting or running:
            while waiting and len(running) < arena.workers:
                child = _fork(attack, waiting.popleft(), arena.folder / f"cage-{random.getrandbits(64):x}")
                running[child.pipe] = child
                selector.register(child.pipe, selectors.EVENT_READ)
            for key, _ in selector.select(1.0):
                child = running[key.fd]
                data = os.read(key.fd, 1 << 16)
                if data:
                    yield from _heard(child, data)
                    continue
                selector.unregister(key.fd)
                del running[key.fd]
                died = _ended(child)
                if died is not None:
                    yield died
                if child.left:
                    waiting.appendleft(child.left)
            waited, looked = min(time.monotonic() - looked, _LOOK), time.monotonic()  # a machine that sleeps is no hang
            for child in running.values():
                child.silent += waited
                if child.at is not None and child.silent > _WALL:
                    os.kill(child.pid, signal.SIGKILL)


@contextlib.contextmanager
def _none_left(running: dict[int, _Child]) -> Iterator[None]:
    """End the children that still run when the parent stops."""
    try:
        yield
    finally:
        for child in running.values():
            with contextlib.suppress(OSError):
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
            shutil.rmtree(child.folder, ignore_errors=True)


def _heard(child: _Child, data: bytes) -> Iterator[tuple[int, list[Flaw], float, float]]:
    *lines, child.text = (child.text + data).split(b"\n")
    for line in lines:
        said = json.loads(line)
        child.silent = 0.0
        if "broken" in said:
            raise SystemExit(f"a cage broke between two inputs: {said['broken']}")
        if "start" in said:
            child.at = said["start"]
            continue
        child.at = None
        child.left.remove(said["done"])
        yield said["done"], [Flaw(*f) for f in said["flaws"]], said["seconds"], said["megabytes"]


def _ended(child: _Child) -> tuple[int, list[Flaw], float, float] | None:
    """Reap a child; what it died of, if it did."""
    _, status = os.waitpid(child.pid, 0)
    os.close(child.pipe)
    shutil.rmtree(child.folder, ignore_errors=True)
    if child.at is None:
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"a cage broke between two inputs: {os.waitstatus_to_exitcode(status)}")
        return None
    child.left.remove(child.at)
    took = child.silent
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL and took >= _WALL:
        flaw = Flaw("hang", f"no word for {_WALL:.0f} s: killed")
    elif code < 0:
        flaw = Flaw("killed", signal.Signals(-code).name)
    else:
        flaw = Flaw("killed", f"the process ended with exit code {code}")
    return child.at, [flaw], took, 0.0


# -- in the child ------------------------------------------------------------------------------------------------------


def _fork(attack: Attack, indices: deque[int], folder: Path) -> _Child:
    sys.stdout.flush()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _try_all(attack, list(indices), folder, writer)
            code = 0
        except BaseException:  # noqa: BLE001 - the parent raises it
            _say(writer, {"broken": traceback.format_exc()})
        finally:
            os._exit(code)
    os.close(writer)
    return _Child(pid, reader, indices, folder)


def _try_all(attack: Attack, indices: Sequence[int], folder: Path, pipe: int) -> None:
    folder.mkdir()
    screen = os.open(folder / "screen", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.dup2(screen, 1)
    os.dup2(screen, 2)
    signal.signal(signal.SIGPROF, _out_of_time)
    space = _status("VmSize") * 1024
    resource.setrlimit(resource.RLIMIT_AS, (space + _SPACE, space + _SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    at_first = _status("VmRSS") / 1024
    for index in indices:
        place = folder / str(index)
        place.mkdir()
        path = attack.write(index, place)
        _say(pipe, {"start": index})
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew: writing is not judged
        began = time.process_time()
        flaws = _limited(attack.judge, path)
        seconds = time.process_time() - began
        megabytes = _status("VmHWM") / 1024 - at_first
        if seconds > SECONDS and not any(f.kind == "slow" for f in flaws):
            flaws.append(Flaw("slow", "over 5 s"))
        if megabytes > MEGABYTES and not any(f.kind == "memory" for f in flaws):
            flaws.append(Flaw("memory", "over 512 MB"))
        _say(pipe, {"done": index, "flaws": [(f.kind, f.text, f.place) for f in flaws], "seconds": seconds,
                    "megabytes": megabytes})  # fmt: skip
        shutil.rmtree(place, ignore_errors=True)
        if megabytes > MEGABYTES / 2:
            return  # the peak stays with this process: the next input begins in a fresh one


def _limited(judge: Callable[[Path], list[Flaw]], path: Path) -> list[Flaw]:
    signal.setitimer(signal.ITIMER_PROF, _CUT_OFF)
    try:
        return judge(path)
    except OutOfTimeError as error:
        return [Flaw("slow", f"over {SECONDS:.0f} s: cut off", place_of(error))]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _out_of_time(*_: Any) -> None:
    raise OutOfTimeError


def _say(pipe: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]


def _status(key: str) -> int:
    """A figure of /proc/self/status, in kB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1])


def place_of(error: BaseException) -> str:
    """The innermost line of treedebug that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [
        f for f in frames if f.filename.startswith(tuple(f"{_ROOT}/{name}/" for name in ("treedebug", "nn_bridge")))
    ]
    return f"{mine[-1].filename[len(_ROOT) + 1 :]}:{mine[-1].lineno} {mine[-1].name}" if mine else ""
