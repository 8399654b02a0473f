"""An HTTP/2 server over TLS that can misbehave: `misdeeds` by path."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import h2.config
import h2.connection
import h2.events

TLS = Path(__file__).parent / "tls"

Connection = h2.connection.H2Connection
Misdeed = Callable[[Connection, int], bytes | None]


def whole(connection: Connection, stream: int, body: bytes = b"<p>Over HTTP/2.</p>") -> None:
    """A good answer."""
    headers = [(":status", "200"), ("content-type", "text/html"), ("content-length", str(len(body)))]
    connection.send_headers(stream, headers)
    connection.send_data(stream, body, end_stream=True)


class H2Server:
    """Listens on 127.0.0.1 within the running loop; `connections` counts those made."""

    def __init__(self, misdeeds: dict[str, Misdeed] | None = None) -> None:
        self._misdeeds = misdeeds or {}
        self.connections = 0
        self.requests: list[dict[str, str]] = []

    async def __aenter__(self) -> "H2Server":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
        context.set_alpn_protocols(["h2"])
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0, ssl=context)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        config = h2.config.H2Configuration(client_side=False, validate_outbound_headers=False)
        connection = Connection(config)
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        try:
            while data := await reader.read(65536):
                for event in connection.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        self._answer(connection, event, writer)
                writer.write(connection.data_to_send())
                await writer.drain()
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, connection: Connection, event: h2.events.RequestReceived, writer: asyncio.StreamWriter) -> None:
        headers = {_text(name): _text(value) for name, value in event.headers or ()}
        self.requests.append(headers)
        assert event.stream_id is not None
        path = headers[":path"]
        if path == "/robots.txt":
            connection.send_headers(event.stream_id, [(":status", "404")], end_stream=True)
        elif path in self._misdeeds:
            raw = self._misdeeds[path](connection, event.stream_id)
            writer.write(connection.data_to_send() + (raw or b""))
        else:
            whole(connection, event.stream_id)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
