"""The sample site: served over real HTTP on loopback for as long as a run takes."""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread

from pipeline.errors import Transient

HOST, PORT = (
    "laketowns.example",
    41977,
)  # fixed, since pages are known by their URLs; the resolver below leads it to loopback
ADDRESSES = tuple(f"127.0.0.{last}" for last in range(1, 10))  # the next one where the port is taken
FOLDER = Path(str(files("flows") / "sources" / "sample"))


class SampleResolver:
    """Resolves the sample site's name to where it is served, and no other name."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The address of the site. Raises OSError for other hosts."""
        if host != HOST:
            raise OSError(f"{host} is not part of the sample site")
        return (self.address,)


@contextmanager
def serve(folder: Path = FOLDER) -> Iterator[SampleResolver]:
    """Serve the site in `folder` until the block ends. Raises Transient where its port is taken on every address."""
    server = _bind(folder)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sample-site", daemon=True)
    thread.start()
    try:
        yield SampleResolver(str(server.server_address[0]))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _bind(folder: Path) -> ThreadingHTTPServer:
    for address in ADDRESSES:
        try:
            return ThreadingHTTPServer((address, PORT), partial(_Handler, folder))
        except OSError:
            continue
    raise Transient(f"the sample site needs port {PORT} on loopback, which is taken: try again later")


class _Handler(BaseHTTPRequestHandler):
    """Answers GET from the table in site.toml, with an ETag of the bytes and 304 where the client has them."""

    protocol_version = "HTTP/1.1"
    server_version = "sample"
    sys_version = ""

    def __init__(self, folder: Path, *args: object) -> None:
        self._folder = folder
        super().__init__(*args)  # type: ignore[arg-type]  # request, address and server, passed through

    def do_GET(self) -> None:
        """Answer one request."""
        paths = tomllib.loads((self._folder / "site.toml").read_text(encoding="utf-8"))["paths"]
        page = paths.get(self.path)
        if page is None:
            self._answer(HTTPStatus.NOT_FOUND, b"There is no such page.\n", "text/plain")
            return
        body = (self._folder / "pages" / page["file"]).read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(HTTPStatus.NOT_MODIFIED, b"", page["type"], etag)
            return
        self._answer(HTTPStatus.OK, body, page["type"], etag)

    def _answer(self, status: HTTPStatus, body: bytes, media_type: str, etag: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the run reports what it fetched."""
