"""Tables behind a URL, in an object store, and in a lake with a log: for real, on this machine."""

from __future__ import annotations

import functools
import http.server
import threading

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.core.errors import FormatError, RunNotFoundError, TreedebugError

N = 200


def people(seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"age": rng.normal(40, 10, N).round(1), "paid": rng.integers(0, 2, N)})


def rows(place, **options):
    return treedebug.profile(place, target="paid", **options).train.n_rows


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def site(tmp_path):
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    people().to_csv(tmp_path / "people.csv", index=False)
    people().to_json(tmp_path / "people.jsonl", orient="records", lines=True)
    people().to_csv(tmp_path / "people.csv.gz", index=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl", "people.csv.gz", "people.csv?version=3"])
def test_files_of_a_web_site(site, name):
    assert rows(f"{site}/{name}") == N
    assert treedebug.check(f"{site}/{name}", target="paid").source == f"{site}/{name}"


def test_a_page_that_is_not_there_is_one_clear_error(site):
    with pytest.raises(RunNotFoundError, match=r"none\.csv"):
        rows(f"{site}/none.csv")
    with pytest.raises(FormatError, match="cannot be read"):
        rows("http://127.0.0.1:9/people.csv")


@pytest.fixture
def bucket(monkeypatch):
    pytest.importorskip("s3fs")
    moto = pytest.importorskip("moto.server")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    import fsspec

    files = fsspec.filesystem("s3", skip_instance_cache=True)
    files.mkdir("bucket")
    yield files
    server.stop()


def test_files_and_folders_of_an_object_store(bucket):
    for name in ("train/a.csv", "train/b.csv", "one.csv"):
        bucket.pipe(f"bucket/{name}", people().to_csv(index=False).encode())
    assert rows("s3://bucket/one.csv") == N
    assert rows("s3://bucket/train") == 2 * N
    with pytest.raises(TreedebugError, match=r"s3://bucket/none\.csv"):
        rows("s3://bucket/none.csv")


def test_an_iceberg_table_is_read_by_its_log(tmp_path):
    pa, sql = pytest.importorskip("pyarrow"), pytest.importorskip("pyiceberg.catalog.sql")
    catalog = sql.SqlCatalog("here", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/lake")
    catalog.create_namespace("shop")
    dead, alive = (pa.Table.from_pandas(people(seed), preserve_index=False) for seed in (1, 2))
    table = catalog.create_table("shop.people", schema=dead.schema)
    table.append(dead)
    table.overwrite(alive)
    place = table.location().removeprefix("file://")
    found = treedebug.profile(place, target="paid").train
    assert found.n_rows == N
    assert found.column("age").mean == pytest.approx(people(2).age.mean())
    catalog.close()
