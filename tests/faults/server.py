"""A server that says exactly what it is told, over raw sockets: each path has a script of steps."""

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

PAGE = b"<html><head><title>A page</title></head><body><p>Nothing is wrong with this page.</p></body></html>"


@dataclass(frozen=True)
class Hang:
    """Say nothing for that many seconds."""

    seconds: float = 3.0


@dataclass(frozen=True)
class Drip:
    """Say `data` again and again, that many seconds apart, for at most `times`."""

    data: bytes
    every: float = 0.02
    times: int = 500


@dataclass(frozen=True)
class Repeat:
    """Say `data` that many times, as fast as it is taken."""

    data: bytes
    times: int


@dataclass(frozen=True)
class Reset:
    """End the connection as a crash would."""


Step = bytes | Hang | Drip | Repeat | Reset
Script = tuple[Step, ...]


def answer(body: bytes = PAGE, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole answer; `length` is what Content-Length says, by default the truth."""
    said = len(body) if length is None else length
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {said}", *headers)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def head(*headers: str, status: str = "200 OK") -> bytes:
    """Status line and headers as given, and the empty line."""
    return "\r\n".join((f"HTTP/1.1 {status}", *headers)).encode("latin-1") + b"\r\n\r\n"


def redirect(location: str, status: str = "302 Found") -> Script:
    """A redirect."""
    return (answer(b"", f"Location: {location}", status=status),)


class FaultServer:
    """Serves `scripts` by path; a list of scripts is gone through, the last one again and again. Others get a good page."""

    def __init__(self, scripts: Mapping[str, Script | list[Script]]) -> None:
        self.scripts = dict(scripts)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self.asked: Counter[str] = Counter()
        self.heads: list[bytes] = []
        self._over = threading.Event()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # a thread that waits in accept() would keep it open
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while path := self._read(connection):
                if not self._play(connection, self._script(path)):
                    return

    def _read(self, connection: socket.socket) -> str | None:
        request = b""
        while b"\r\n\r\n" not in request:
            more = connection.recv(65536)
            if not more:
                return None
            request += more
        self.heads.append(request)
        return request.split(b" ", 2)[1].decode("latin-1")

    def _script(self, path: str) -> Script:
        number = self.asked[path]
        self.asked[path] += 1
        script = self.scripts.get(path)
        if script is None:
            return (answer(b"", status="404 Not Found") if path == "/robots.txt" else answer(),)
        return script[min(number, len(script) - 1)] if isinstance(script, list) else script

    def _play(self, connection: socket.socket, script: Iterable[Step]) -> bool:
        """Whether the connection may be used again: one whole answer, with its length, and nothing more."""
        steps = list(script)
        for step in steps:
            if not self._say(connection, step):
                return False
        whole = len(steps) == 1 and isinstance(steps[0], bytes) and b"Content-Length" in steps[0]
        return whole and b"Connection: close" not in steps[0] and _complete(steps[0])

    def _say(self, connection: socket.socket, step: Step) -> bool:
        match step:
            case bytes():
                connection.sendall(step)
            case Hang(seconds):
                self._over.wait(seconds)
            case Drip(data, every, times):
                for _ in range(times):
                    if self._over.is_set():
                        return False
                    connection.sendall(data)
                    time.sleep(every)
            case Repeat(data, times):
                for _ in range(times):
                    if self._over.is_set():
                        return False
                    connection.sendall(data)
            case Reset():
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                return False
        return True


def _complete(said: bytes | Step) -> bool:
    assert isinstance(said, bytes)
    start, _, body = said.partition(b"\r\n\r\n")
    length = start.partition(b"Content-Length: ")[2].split(b"\r\n")[0]
    return length.isdigit() and int(length) == len(body)
