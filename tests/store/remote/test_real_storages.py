"""Against real storages over HTTP, with faults injected between; and killed in every phase."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("fsspec")

import fsspec

import treedebug
from tests.store.remote.storage import STORAGES, Proxy, missing
from treedebug.store.remote.mirror import Mirror

pytestmark = pytest.mark.slow

TRAIN = """
import sys, time
import numpy as np, xgboost as xgb
import treedebug
from treedebug.store.remote import shipper
shipper.SECONDS_BETWEEN, shipper.LAST_WAIT = float(sys.argv[2]), float(sys.argv[3])
pause = float(sys.argv[4])

class Slow(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        time.sleep(pause)
        return False

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 4)); y = (X[:, 0] > 0).astype(float)
d = xgb.DMatrix(X, y)
callback = treedebug.XGBoostCallback(sys.argv[1], quiet=False)
print("begins", flush=True)
began = time.perf_counter()
xgb.train({"nthread": 1, "objective": "binary:logistic"}, d, 120, evals=[(d, "train")], verbose_eval=False,
          callbacks=[Slow(), callback])
print("took", time.perf_counter() - began, float(np.nanmax(callback.run.rounds["seconds"][1:])), flush=True)
"""


@pytest.fixture(scope="module", params=STORAGES)
def storage(request):
    if missing(request.param):
        pytest.skip(missing(request.param))
    return STORAGES[request.param]


@pytest.fixture(scope="module")
def server(storage):
    with storage.server() as port:
        yield port


@pytest.fixture
def proxy(server):
    made = Proxy(server)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, server, storage):
    """This process reads straight from the server."""
    for name, value in storage.variables(server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TREEDEBUG_SPOOL", str(tmp_path / "spool"))
    fsspec.get_filesystem_class(storage.scheme).clear_instance_cache()


def training(storage, url, port, *, between=0.2, wait=20.0, pause=0.005):
    environment = storage.environment(port) | {"TREEDEBUG_SPOOL": os.environ["TREEDEBUG_SPOOL"], "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", TRAIN, url, str(between), str(wait), str(pause)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def sync(storage, port):
    environment = storage.environment(port) | {"TREEDEBUG_SPOOL": os.environ["TREEDEBUG_SPOOL"]}
    command = [sys.executable, "-W", "ignore", "-m", "treedebug", "sync"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def objects(url):
    fs = fsspec.filesystem(url.partition(":")[0], use_listings_cache=False)
    fs.invalidate_cache()
    return sorted(path.rpartition("/")[2] for path in fs.find(url))


CHANCE = random.Random(1)  # noqa: S311 - nothing here is a secret
FAULTS = {
    "none": lambda method, path: None,
    "latency": lambda method, path: 0.3,
    "500": lambda method, path: 500 if CHANCE.random() < 0.5 else None,
    "503 slow down": lambda method, path: 503 if CHANCE.random() < 0.5 else None,
    "cut": lambda method, path: "cut" if CHANCE.random() < 0.4 else None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_everything_arrives(fault, proxy, server, storage):
    CHANCE.seed(1)
    proxy.fault = FAULTS[fault]
    url = storage.url(f"{fault.replace(' ', '-')}/run")
    process = training(storage, url, proxy.port, wait=60.0)
    _, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    if "not (fully)" in err:  # half of the requests failed for a minute
        assert sync(storage, server).returncode == 0
    assert objects(url) == ["records.treedebug"]
    run = treedebug.load(url)
    assert (run.n_rounds, run.state, run.data.damage) == (120, "finished", ())


@pytest.mark.parametrize("answer", [403, 404])
def test_a_bucket_that_refuses(answer, proxy, server, storage):
    proxy.fault = lambda method, path: answer
    process = training(storage, storage.url(f"refused-{answer}/run"), proxy.port, wait=1.0)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "took" in out
    assert err.count("`treedebug sync` brings it there") == 1
    assert "Traceback" not in err
    proxy.fault = lambda method, path: None
    done = sync(storage, server)
    assert done.returncode == 0, done.stderr
    assert treedebug.load(storage.url(f"refused-{answer}/run")).n_rounds == 120


@pytest.mark.parametrize("n", range(int(os.environ.get("TREEDEBUG_KILLS", "6"))))
def test_killed_in_any_phase(n, proxy, server, storage):
    """Claim, parts, joining, cleaning up: a reader never sees damage, and sync brings everything there."""
    rng = random.Random(n)  # noqa: S311 - the same
    url = storage.url(f"killed-{n}-{rng.random()}/run")
    puts = [0]
    limit = rng.randrange(1, 14)
    process = None

    def kill(method, path):
        if method in ("PUT", "POST", "DELETE"):
            puts[0] += 1
            if puts[0] == limit:
                process.send_signal(signal.SIGKILL)  # while the request is on its way: it may or may not arrive
                return None if rng.random() < 0.5 else "cut"
        return None

    proxy.fault = kill
    process = training(storage, url, proxy.port, between=0.1, pause=0.01)
    mirror = Mirror(url)
    while process.poll() is None:
        if mirror.refresh():
            assert treedebug.load(mirror.path).data.damage == ()
        time.sleep(0.1)
    process.communicate()
    proxy.fault = lambda method, path: None
    spools = [p for p in (os.walk(os.environ["TREEDEBUG_SPOOL"])) if "records.treedebug" in p[2]]
    held = treedebug.load(spools[0][0]).n_rounds if spools else 120
    done = sync(storage, server)
    assert done.returncode == 0, done.stderr + done.stdout
    run = treedebug.load(url if objects(url) else f"{url}-2")
    assert run.data.damage == ()
    assert run.n_rounds == held
    left = objects(url)
    assert "records.treedebug" in left or not left or left == ["records.treedebug.writer"]
