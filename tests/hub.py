"""A stand-in for the Hugging Face hub on loopback, and wheels like those of a package index."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "a" * 40


class HubServer:
    """Serves files like the hub: HEAD returns size and hash and redirects to another host, which supports ranges.
    `cuts` are the bytes after which the next connections break, `status` overrides the response, `asked` lists the
    requests: method, path, range and key.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.status = 200
        self.ranges = True
        self.asked: list[tuple[str, str, str | None, str | None]] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Handle a request."""
        self.asked.append((handler.command, handler.path, handler.headers["Range"], handler.headers["Authorization"]))
        body = self.files.get(handler.path.removeprefix("/cdn"))
        if self.status != 200 or body is None:
            handler.send_response(self.status if self.status != 200 else 404)
            if self.status == 200:
                handler.send_header("X-Error-Code", "EntryNotFound")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if not handler.path.startswith("/cdn"):
            handler.send_response(302)
            # Another host, which the client follows only with GET.
            handler.send_header("Location", f"{self.url.replace('127.0.0.1', 'localhost')}/cdn{handler.path}")
            handler.send_header("X-Repo-Commit", COMMIT)
            handler.send_header("X-Linked-Size", str(len(body)))
            handler.send_header("X-Linked-ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        wanted = handler.headers["Range"] if self.ranges else None
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        handler.send_response(206 if wanted else 200)
        if wanted:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : start + self.cuts.pop(0)] if self.cuts else body[start:])
        handler.close_connection = True


@contextmanager
def serve_hub() -> Iterator[HubServer]:
    """Serve the stand-in on a loopback port."""
    hub = HubServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.answer(self)

        def do_HEAD(self) -> None:
            hub.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_wheel(folder: Path, package: str, member: str, body: bytes) -> str:
    """Write a wheel with one file, and return its hash."""
    name = package.replace("-", "_")
    about = f"{name}-1.0.dist-info"
    file = folder / f"{name}-1.0-py3-none-any.whl"
    entries = {
        member: body,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": b"",
    }
    with zipfile.ZipFile(file, "w") as wheel:
        for path, content in entries.items():
            wheel.writestr(path, content)
    return hashlib.sha256(file.read_bytes()).hexdigest()
