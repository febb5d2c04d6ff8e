"""A TCP proxy that makes its backend far away: `python -m bench.slow PORT SECONDS` prints the port that it listens on.

Every byte travels half a round trip in each direction, and opening a connection takes a whole one, as on a real line.
Bandwidth is not limited. It is a process of its own, so that its work is not counted as that of who is measured.
"""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

_CHUNK = 64 * 1024


async def carry(reader: StreamReader, writer: StreamWriter, delay: float) -> None:
    """Hand on what comes in, in order, `delay` seconds later; then that no more will come."""
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    clock = asyncio.get_running_loop().time

    async def deliver() -> None:
        with suppress(ConnectionError):
            while True:
                due, chunk = await line.get()
                await asyncio.sleep(due - clock())
                if not chunk:
                    return
                writer.write(chunk)
                await writer.drain()

    delivering = asyncio.create_task(deliver())
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            line.put_nowait((clock() + delay, chunk))
    line.put_nowait((clock() + delay, b""))
    await delivering
    with suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()


async def serve(port: int, round_trip: float) -> None:
    """Listen, and say where."""

    async def meet(reader: StreamReader, writer: StreamWriter) -> None:
        await asyncio.sleep(round_trip)  # SYN and SYN-ACK
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, back, round_trip / 2), carry(there, writer, round_trip / 2))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
