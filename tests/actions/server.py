"""A real HTTP server on loopback that answers well, badly, late, or not at all, as the test asks."""

from __future__ import annotations

import contextlib
import http.server
import threading
import time


@contextlib.contextmanager
def serving(*answers):
    """Serve; each request takes the next answer (the last one stays): a status, "hang", "drip" or "cut"."""
    stopped = threading.Event()
    left = list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got.append((self.path, dict(self.headers), body, time.monotonic()))
            answer = left.pop(0) if len(left) > 1 else left[0]
            if answer == "hang":
                stopped.wait(30)
            elif answer == "drip":
                with contextlib.suppress(OSError):
                    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        if stopped.wait(0.1):
                            return
            elif answer == "cut":
                self.connection.close()
            else:
                self.send_response(answer)
                self.send_header("Location", f"http://127.0.0.1:{server.server_port}/elsewhere")
                self.end_headers()

        def log_message(self, *args):
            pass

        def handle(self):
            with contextlib.suppress(OSError, ValueError):
                super().handle()

        def finish(self):
            with contextlib.suppress(OSError, ValueError):
                super().finish()

    got = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.got = got
    try:
        yield server
    finally:
        stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
