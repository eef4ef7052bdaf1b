"""A line between a sender and a server that can be cut: TCP passed on by threads.

A cut ends every connection with a reset, as a router does that has been switched off
and on, and refuses new ones until the line is mended.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

CHUNK = 16 << 10
BUFFER = 64 << 10
"""Of the kernel, on each side: what lies there when the line is cut was sent and did
not arrive."""
RESET = struct.pack("ii", 1, 0)


class Line:
    """From a port of its own to *port* on this machine."""

    def __init__(self, port: int, *, bytes_per_second: float = 0) -> None:
        """*bytes_per_second*: of the sender, 0 for as fast as it goes."""
        self._to = port
        self._rate = bytes_per_second
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self._cut_at: int | None = None
        self.passed = 0
        """Bytes that the sender has put into the line."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            self._reset_all()

    def cut_behind(self, size: int) -> None:
        """Once, when so many more bytes have passed; the next connection is served."""
        self._cut_at = self.passed + size

    def mend(self) -> None:
        self._is_cut = False

    def go_at(self, bytes_per_second: float) -> None:
        self._rate = bytes_per_second

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _reset_all(self) -> None:
        for each in self._open:
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                # Wakes whoever waits in it; the close of its pump sends the reset.
                each.shutdown(socket.SHUT_RD)
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                sender, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                sender.close()
                continue
            threading.Thread(target=self._serve, args=(sender,), daemon=True).start()

    def _serve(self, sender: socket.socket) -> None:
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        with sender, server, contextlib.suppress(OSError):
            server.connect(("127.0.0.1", self._to))
            with self._lock:
                self._open |= {sender, server}
            back = threading.Thread(target=self._answer, args=(server, sender))
            back.start()
            while chunk := sender.recv(CHUNK):
                if self._passed(len(chunk)):
                    break
                server.sendall(chunk)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join()

    def _answer(self, server: socket.socket, sender: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := server.recv(CHUNK):
                sender.sendall(chunk)
        with contextlib.suppress(OSError):
            sender.shutdown(socket.SHUT_RDWR)

    def _passed(self, size: int) -> bool:
        """Count, wait, and cut where it is due."""
        if self._rate:
            time.sleep(size / self._rate)
        with self._lock:
            self.passed += size
            if self._cut_at is None or self.passed < self._cut_at:
                return False
            self._cut_at = None
            self._reset_all()
            return True


@contextlib.contextmanager
def line_to(port: int, *, bytes_per_second: float = 0) -> Iterator[Line]:
    line = Line(port, bytes_per_second=bytes_per_second)
    try:
        yield line
    finally:
        line.close()
