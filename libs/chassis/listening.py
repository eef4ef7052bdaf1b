"""A service that cannot listen says so in one sentence, and does not start."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

from chassis.starting import CannotStart


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[None]:
    """Round what binds *port*: CannotStart instead of an OSError."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Cổng {port} của {host} đang bị chương trình khác dùng: tắt chương"
                f" trình đó, hoặc đặt cổng khác (BIND__PORT).",
                f"Port {port} of {host} is taken by another program: end that program,"
                f" or set another port (BIND__PORT).",
            ) from error
        raise CannotStart(
            f"Không lắng nghe được ở {host}, cổng {port} ({error.strerror}): kiểm tra"
            f" BIND__HOST và BIND__PORT.",
            f"Cannot listen on {host}, port {port} ({error.strerror}): check BIND__HOST"
            f" and BIND__PORT.",
        ) from error


async def bound_sockets(host: str, port: int) -> list[socket.socket]:
    """Bind before uvicorn does, which ends the process where it cannot. Raises
    CannotStart.
    """
    loop = asyncio.get_running_loop()
    with listening(host, port):
        server = await loop.create_server(
            asyncio.Protocol, host, port, start_serving=False
        )
    sockets = [each.dup() for each in server.sockets]
    server.close()
    return sockets
