"""Questions to the live page, without a network: an ASGI client of a few lines."""

import asyncio


def ask(app, path, *, method="GET", host="127.0.0.1:8764", **headers):
    """(status, headers, text) of an answer that ends."""
    return asyncio.run(_ask(app, path, method, {"host": host, **headers}))


async def _ask(app, path, method, headers):
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode("latin-1")) for k, v in headers.items()],
        "scheme": "http", "http_version": "1.1", "root_path": "",
        "server": ("127.0.0.1", 8764), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    found = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent[1:]).decode()
