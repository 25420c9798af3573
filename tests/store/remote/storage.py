"""Storages with faults: one in memory that fails as it is told, and a real S3 over HTTP behind a proxy that does."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import os
import subprocess
import sys
import threading
import time

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


@contextlib.contextmanager
def s3_server():
    """A real S3 over HTTP (moto's server) in a process of its own; its port."""
    code = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"
    port = free_port()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("PUT", "/bucket", headers={"Host": f"127.0.0.1:{port}"})
                assert connection.getresponse().status == 200
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.1)
        yield port
    finally:
        process.kill()
        process.wait()


def free_port():
    import socket

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
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
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


def s3_environment(port):
    """What s3fs needs to reach a server on this machine."""
    return {**os.environ, **S3_VARIABLES, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


S3_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "y",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "2",
}
