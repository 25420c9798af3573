"""The live page under load: ten thousand runs, ten thousand rounds, fifty open pages on ten trainings."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import treedebug

TRAIN = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from _trainings import xgboost_training
import treedebug
train = xgboost_training(20_000, int(sys.argv[3]), 2, 6)
print("ready", flush=True)
sys.stdin.readline()
began = time.process_time()
train([treedebug.XGBoostCallback(sys.argv[2], quiet=True)], 1)
print(time.process_time() - began)
"""
FILE = "records.treedebug"


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of `treedebug ui` in a process of its own, and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "treedebug", "ui", str(folder), "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()


def asked(address: str) -> tuple[float, str]:
    """(seconds, text) of an answer."""
    began = time.perf_counter()
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own
        text = answer.read().decode()
    return time.perf_counter() - began, text


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def many_runs(folder: Path, make: Callable[..., Any], n: int) -> None:
    """Twenty trainings, each under `n // 20` names."""
    for i in range(20):
        source = folder / f"search-{i}" / "trial-0"
        make(2_000, 50 + 5 * i, 2, 2 + i % 6)([treedebug.XGBoostCallback(source, quiet=True, judge=i % 2 == 0)], 1)
        for k in range(1, n // 20):
            copy = source.with_name(f"trial-{k}")
            copy.mkdir()
            os.link(source / FILE, copy / FILE)


def listing(make: Callable[..., Any], n: int = 10_000) -> dict[str, Any]:
    """Seconds of the first list, of a warm one, and until the metrics of all runs stand in it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        many_runs(folder, make, n)
        with served(folder) as (address, process):
            cold, text = asked(f"{address}/")
            shown = re.findall(r'class="counts">(\d+) runs', text)
            ways = ("", "?sort=best", "?text=trial-77", "?where=max_depth+>=+4", "?finding=CV&page=9", "?sort=eta")
            warm = [asked(f"{address}/{way.replace(' ', '+')}")[0] for way in ways for _ in range(3)]
            began = time.perf_counter()
            while "read so far" in asked(f"{address}/")[1] and time.perf_counter() - began < 200:
                time.sleep(2)
            whole = time.perf_counter() - began
            warm += [asked(f"{address}/{way}")[0] for way in ways for _ in range(3)]
            return {"what": f"{shown[0]} runs listed", "measured": f"{cold:.2f} s", "bar": "2 s"} | {
                "more": [
                    ("sorted, searched, filtered: the slowest of 36", f"{1e3 * max(warm):.0f} ms", "300 ms"),
                    ("until metric and findings of all of them stand there", f"{whole:.0f} s", ""),
                    ("CPU of the server until then", f"{cpu_of(process.pid):.0f} s", ""),
                ]
            }


def drawing(make: Callable[..., Any], rounds: int = 10_000) -> dict[str, Any]:
    """Seconds until a browser has drawn a run that no page showed before, and again."""
    from playwright.sync_api import sync_playwright

    browser_at = next((found for n in ("chromium", "google-chrome") if (found := shutil.which(n))), None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "long"
        make(2_000, rounds, 2, 4)([treedebug.XGBoostCallback(folder, quiet=True)], 1)
        with served(folder.parent) as (address, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_at, args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(address)
            run = page.evaluate("document.querySelector('th a[href^=\"/run/\"]').getAttribute('href')")
            seconds = []
            for _ in range(2):
                began = time.perf_counter()
                page.goto(address + run)
                while not page.evaluate("document.documentElement.dataset.drawn"):
                    time.sleep(0.005)
                seconds.append(time.perf_counter() - began)
            browser.close()
    return {
        "what": f"a run of {rounds:,} rounds drawn, that no page showed before",
        "measured": f"{seconds[0]:.2f} s",
        "bar": "1 s",
        "more": [("the same again", f"{seconds[1]:.2f} s", "")],
    }


def _open_page(address: str, run: str, over: threading.Event, shown: list[float]) -> None:
    """What an open page asks: itself, its events, and itself again when it is worth fetching."""
    took, text = asked(f"{address}/run/{run}")
    shown.append(took)
    version = int(re.findall(r'data-version="(\d+)"', text)[0])
    events_at = f"{address}/events/run?run={run}"
    with contextlib.suppress(OSError), urllib.request.urlopen(events_at, timeout=30) as events:  # noqa: S310 - our own
        for line in events:
            if over.is_set():
                return
            page = re.search(rb'"page":(\d+)', line[:80])
            if page and int(page[1]) > version:
                version = int(page[1])
                asked(f"{address}/run/{run}")


def _trainings(folder: Path, n: int, rounds: int, *, pages: int) -> tuple[float, float, float]:
    """(seconds, CPU seconds of the trainings, CPU seconds of the server) of `n` trainings at once."""
    here = str(Path(__file__).parent)
    children = [
        subprocess.Popen([sys.executable, "-c", TRAIN, here, str(folder / str(i)), str(rounds)], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
        for i in range(n)
    ]  # fmt: skip
    for child in children:
        child.stdout.readline()
    with contextlib.ExitStack() as stack:
        address, server = stack.enter_context(served(folder)) if pages else ("", None)
        began = time.perf_counter()
        for child in children:
            child.stdin.write("\n")
            child.stdin.flush()
        over, shown = threading.Event(), list[float]()
        if pages:
            ids: list[str] = []
            while len(ids) < n:
                time.sleep(0.5)
                ids = re.findall(r'href="/run/([0-9a-f]+)"', asked(f"{address}/")[1])
            for i in range(pages):
                threading.Thread(target=_open_page, args=(address, ids[i % n], over, shown), daemon=True).start()
        cpu = [float(child.communicate()[0].split()[-1]) for child in children]
        took = time.perf_counter() - began
        over.set()
        print(f"{len(shown)} pages were shown, the last after {max(shown, default=0.0):.1f} s", flush=True)
        return took, sum(cpu), cpu_of(server.pid) if server else 0.0


TIMES = 2


def under_load(n: int = 10, pages: int = 50, rounds: int = 350) -> dict[str, Any]:
    """The same trainings with and without open pages, in turn."""
    pairs = []
    for _ in range(TIMES):
        for k in (0, pages):
            with tempfile.TemporaryDirectory() as temporary:
                pairs.append((k, *_trainings(Path(temporary), n, rounds, pages=k)))
                print(pairs[-1], flush=True)
    mean = {k: [sum(p[i] for p in pairs if p[0] == k) / TIMES for i in (1, 2, 3)] for k in (0, pages)}
    spread = max(p[2] for p in pairs if not p[0]) / min(p[2] for p in pairs if not p[0]) - 1
    return {
        "what": f"{pages} open pages on {n} trainings at once: CPU of the trainings, against none",
        "measured": f"{100 * (mean[pages][1] / mean[0][1] - 1):+.1f} % (without any: apart by {100 * spread:.1f} %)",
        "bar": "nothing measurable",
        "more": [
            ("their seconds, against none", f"{100 * (mean[pages][0] / mean[0][0] - 1):+.1f} %", ""),
            ("the server's share of one core meanwhile", f"{100 * mean[pages][2] / mean[pages][0]:.0f} %", ""),
        ],
    }


def rows(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a figure."""
    flat = []
    for found in results:
        flat += [{k: found[k] for k in ("what", "measured", "bar")}]
        flat += [dict(zip(("what", "measured", "bar"), more, strict=True)) for more in found.get("more", ())]
    return flat
