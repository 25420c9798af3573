"""Storages with faults: one in memory that fails as it is told, and real ones over HTTP behind a proxy that does."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import http.server
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

import fsspec
from fsspec.implementations.memory import MemoryFileSystem


class FaultyFileSystem(MemoryFileSystem):
    """Memory, but for the faults that `FAULTS` holds: names of methods, and what they raise or how long they take."""

    protocol = "faulty"
    store: dict = {}  # noqa: RUF012 - as the base class has it
    pseudo_dirs = [""]  # noqa: RUF012 - the same
    cachable = False

    @classmethod
    def _strip_protocol(cls, path):
        return MemoryFileSystem._strip_protocol(path.replace("faulty://", "memory://"))

    def _fault(self, name, path):
        fault = FAULTS.get(name) or FAULTS.get("all")
        CALLS.append((name, path, threading.current_thread().name))
        if callable(fault):
            fault()
        elif fault is not None:
            raise fault

    def pipe_file(self, path, value, mode="overwrite", **kwargs):
        self._fault("write", path)
        return super().pipe_file(path, value, mode=mode, **kwargs)

    def put_file(self, lpath, rpath, **kwargs):
        self._fault("write", rpath)
        return super().put_file(lpath, rpath, **kwargs)

    def cat_file(self, path, *args, **kwargs):
        self._fault("read", path)
        return super().cat_file(path, *args, **kwargs)

    def find(self, path, *args, **kwargs):
        self._fault("list", path)
        return super().find(path, *args, **kwargs)

    def rm_file(self, path):
        self._fault("remove", path)
        return super().rm_file(path)


FAULTS: dict = {}
CALLS: list = []
fsspec.register_implementation("faulty", FaultyFileSystem, clobber=True)


@dataclasses.dataclass(frozen=True)
class Storage:
    """A real storage on this machine: how its server starts, and what fsspec needs to reach it at a port."""

    scheme: str
    bucket: str
    needs: str
    """The package that fsspec needs."""
    command: Callable[[int, str], list[str]]
    variables: Callable[[int], dict[str, str]]
    is_ready: Callable[[int], None]
    """Makes the bucket; raises OSError while the server is not there."""

    def url(self, name):
        return f"{self.scheme}://{self.bucket}/{name}"

    def environment(self, port):
        return {**os.environ, **self.variables(port)}

    @contextlib.contextmanager
    def server(self):
        """The port of a server in a process of its own."""
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(self.command(port, folder), cwd=folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)  # fmt: skip
            try:
                until = time.monotonic() + 60
                while True:
                    try:
                        self.is_ready(port)
                        break
                    except OSError:
                        assert time.monotonic() < until
                        time.sleep(0.1)
                yield port
            finally:
                process.kill()
                process.wait()


def _s3_bucket(port):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("PUT", "/bucket", headers={"Host": f"127.0.0.1:{port}"})
        assert connection.getresponse().status in {200, 403, 409}  # s3rver has its bucket already


def _azure_bucket(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    os.environ.update(_azure(port))
    fsspec.get_filesystem_class("az").clear_instance_cache()
    fsspec.filesystem("az").mkdir("bucket")


def _s3(port, key="x"):
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": key, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "2", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}  # fmt: skip


def _azure(port):
    """The account that every Azurite has; its key is in Microsoft's manual."""
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    name, end = "devstoreaccount1", f"http://127.0.0.1:{port}/devstoreaccount1"
    said = f"DefaultEndpointsProtocol=http;AccountName={name};AccountKey={key};BlobEndpoint={end};"
    return {"AZURE_STORAGE_CONNECTION_STRING": said}


_MOTO = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"
STORAGES = {
    "moto": Storage("s3", "bucket", "s3fs", lambda port, _: [sys.executable, "-W", "ignore", "-c", _MOTO, str(port)],
                    _s3, _s3_bucket),
    "s3rver": Storage(
        "s3", "bucket", "s3fs",
        lambda port, folder: ["s3rver", "-d", folder, "-a", "127.0.0.1", "-p", str(port), "--configure-bucket",
                              "bucket"],
        lambda port: _s3(port, "S3RVER"), _s3_bucket),
    "azurite": Storage(
        "az", "bucket", "adlfs",
        lambda port, _: ["azurite-blob", "--silent", "--inMemoryPersistence", "--disableTelemetry",
                         "--skipApiVersionCheck", "--blobPort", str(port)],
        _azure, _azure_bucket),
}  # fmt: skip


def missing(name):
    """Why a storage cannot be tried here; "" if it can."""
    storage = STORAGES[name]
    package = "moto" if name == "moto" else storage.needs
    if importlib.util.find_spec(package) is None or importlib.util.find_spec(storage.needs) is None:
        return f"needs {package}"
    program = storage.command(0, "")[0]
    return "" if shutil.which(program) else f"needs {program}: npm install -g {program.partition('-')[0]}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    """Forwards HTTP to `port`; `fault(method, path)` returns None, a status, "cut", or seconds to wait."""

    def __init__(self, port):
        self.fault = lambda method, path: None
        self.requests = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                proxy.requests.append((self.command, self.path, len(body)))
                answer = proxy.fault(self.command, self.path)
                if answer == "cut":
                    self.close_connection = True
                    self.connection.close()
                    return
                if isinstance(answer, float):
                    time.sleep(answer)
                elif answer is not None:
                    self.send_response(answer)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
                    connection.request(self.command, self.path, body=body, headers=dict(self.headers))
                    response = connection.getresponse()
                    content = response.read()
                self.send_response(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                        self.send_header(name, value)
                length = response.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
                self.send_header("Content-Length", length or "0")
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward  # noqa: N815 - names of the standard library

            def log_message(self, *args):
                pass

            def handle(self):
                with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                    super().handle()

            def finish(self):
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        self.port = self.server.server_port

    def close(self):
        self.server.shutdown()
        self.server.server_close()
