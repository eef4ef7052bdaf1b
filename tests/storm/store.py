"""versitygw beside the house, and a door before it that refuses, lies and breaks off.

Start at ``Store.make``.
"""

import asyncio
import contextlib
import http.client
import json
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from storm.others import Other
from support.servers import found, listening

ACCESS, SECRET = "storm", "storm-only-secret"
SLOW_SECONDS = 3.0


@dataclass
class Store(Other):
    """versitygw over a folder, and the door in front of it."""

    folder: Path
    port: int
    """The server's; the door's is the next one."""
    process: subprocess.Popen | None = None
    door: "Door | None" = None
    serving: threading.Thread | None = field(default=None, repr=False)

    @classmethod
    def make(cls, folder: Path, port: int) -> "Store":
        folder.mkdir(exist_ok=True)
        made = cls(folder, port)
        made.start()
        made.door = Door(port + 1, port)
        made.serving = threading.Thread(target=made.door.serve_forever, daemon=True)
        made.serving.start()
        return made

    def environment(self) -> dict[str, str]:
        bucket = {
            "url": "s3://archive",
            "endpoint": f"http://127.0.0.1:{self.port + 1}",
            "access_key": ACCESS,
            "secret_key": SECRET,
        }
        own = {f"STORAGE__ARCHIVE__{key.upper()}": v for key, v in bucket.items()}
        return {**own, "PROVISION__OBJECTS": json.dumps([bucket])}

    def start(self) -> None:
        program = found("versitygw", "usr/local/bin/versitygw")
        own = {"ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET}
        address = ["--port", f"127.0.0.1:{self.port}", "--quiet"]
        self.process = subprocess.Popen(
            [program, *address, "posix", self.folder],
            env={**own, "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if listening(self.port):
                    return
            time.sleep(0.05)
        raise TimeoutError("versitygw")

    def behave(self, how: str) -> None:
        assert self.door is not None
        self.door.how = how

    def stop(self) -> None:
        if self.door is not None:
            self.door.shutdown()
            self.door.server_close()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def end(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    end_at_once = end

    async def back(self) -> None:
        if self.process is None or self.process.poll() is not None:
            await asyncio.to_thread(self.start)


class Door(ThreadingHTTPServer):
    """Passes requests on, byte for byte; ``how`` says what else it does."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, behind: int) -> None:
        self.how = ""
        self.behind = behind
        self.lied_about: set[str] = set()
        """Paths of the objects that it said it had stored."""
        super().__init__(("127.0.0.1", port), _Passing)

    def handle_error(self, *_: object) -> None:
        """A connection that breaks is what the storm wants."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Door

    def _pass(self) -> None:
        how = self.server.how
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if how == "slow":
            time.sleep(SLOW_SECONDS)
        if how == "unavailable":
            self._answer(503, [], b"")
        elif how == "lying" and self.command == "PUT":
            self.server.lied_about.add(self.path)
            self._answer(200, [("ETag", '"d41d8cd98f00b204e9800998ecf8427e"')], b"")
        else:
            self._forward(body, cut=how == "truncating" and self.command == "GET")

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass  # noqa: N815 - its names

    def _forward(self, body: bytes, *, cut: bool) -> None:
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=20)
        try:
            # The signature covers the Host header, so it goes on as it came.
            behind.putrequest(self.command, self.path, skip_host=True,
                              skip_accept_encoding=True)  # fmt: skip
            for name, value in self.headers.items():
                behind.putheader(name, value)
            behind.endheaders(body)
            answer = behind.getresponse()
            content = answer.read()
            self._answer(answer.status, answer.getheaders(), content, cut=cut)
        except OSError:
            self.close_connection = True
        finally:
            behind.close()

    def _answer(
        self,
        status: int,
        headers: list[tuple[str, str]],
        content: bytes,
        *,
        cut: bool = False,
    ) -> None:
        self.send_response_only(status)
        lengths = {"content-length", "transfer-encoding", "connection"}
        for name, value in headers:
            if name.lower() not in lengths:
                self.send_header(name, value)
        length = {k.lower(): v for k, v in headers}.get("content-length")
        whole = length if self.command == "HEAD" and length else str(len(content))
        self.send_header("Content-Length", whole)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut

    def log_message(self, *_: object) -> None:
        """The house's own log says what it met."""
