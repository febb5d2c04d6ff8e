"""Things on loopback ports that are no registries: what answers as it likes, over TLS when it has to, and a proxy."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.doubles.registry.certificate import certify

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(
    behaviour: Behaviour, context: ssl.SSLContext | None = None, *, at_once: bool = False, address: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Something on a loopback port that is no registry; gives its host. `at_once`: does not wait for a request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not at_once:
                await reader.readuntil(b"\r\n\r\n")
            await behaviour(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:  # the test is over
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, address, 0, ssl=context)
    try:
        yield f"{address}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def certified(folder: Path, addresses: Sequence[str] = ("127.0.0.1",)) -> ssl.SSLContext:
    """Return a server's context for `addresses`; its authority is `ca.pem` in `folder`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certify(folder, addresses))
    return context


@dataclass
class Proxy:
    """A forward proxy that knows CONNECT alone; `heads` are the requests that it got."""

    host: str = ""
    refuses: bool = False
    heads: list[str] = field(default_factory=list)

    @property
    def tunnels(self) -> list[str]:
        """Where tunnels were asked for."""
        return [head.split()[1] for head in self.heads if head.startswith("CONNECT ")]


@asynccontextmanager
async def proxying(*, refuses: bool = False) -> AsyncIterator[Proxy]:
    """A proxy on loopback; `refuses`: it wants a password that nobody has."""
    proxy = Proxy(refuses=refuses)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        proxy.heads.append(head)
        method, target, *_ = head.split()
        if refuses or method != "CONNECT":
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        name, _, port = target.rpartition(":")
        there, back = await asyncio.open_connection(name, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, back))
                both.create_task(_pump(there, writer))
        finally:
            back.close()

    async with listening(serve, at_once=True) as host:
        proxy.host = host
        yield proxy


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    with suppress(OSError, RuntimeError):
        target.write_eof()
