"""The real workers, taken over at the moment when they would read a stranger's file.

``python -m support.cell`` is a whole service under another account, for
``test_sandbox_accounts``: it becomes that account, then forks a worker. (Starting one
by its command would need an interpreter that this account can read.)
"""

import contextlib
import ctypes
import io
import json
import os
import platform
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np  # noqa: F401 - what the worker imports late
import simplejpeg  # noqa: F401

from intake.adapters.rebuild import worker as rebuild_worker
from intake.adapters.rebuild.limits import Limits as RebuildLimits
from strangers import worker as strangers_worker
from strangers.limits import ReaderLimits
from support.deeds import Bait, tried

OUTCOMES = "outcomes.json"
REPORT = "report.json"
BAIT = "BAIT"
SETTING = 1 << 5 | 1 << 6 | 1 << 7
"""CAP_KILL, CAP_SETGID and CAP_SETUID."""
SLEEP = "sleep"
"""The file of a worker that does nothing; its process id is then in ``PID``."""
PID = "pid"


def rebuild() -> int:
    bait = Bait(**json.loads(os.environ[BAIT]))

    def taken(source: Path) -> None:
        victim = source.read_text()
        if victim == SLEEP:
            Path(PID).write_text(str(os.getpid()))
            time.sleep(999)
        aim = bait
        if victim.isdecimal():
            aim = replace(bait, parent=int(victim), descriptor=0)
        Path(OUTCOMES).write_text(json.dumps(tried(aim)))

    return rebuild_worker.main(rebuild_worker.Eyes(media_type=taken))


def strangers() -> int:
    bait = Bait(**json.loads(os.environ[BAIT]))

    def taken(stream: Any, report: Callable[[Any], None]) -> None:
        (into,) = (cell.cell_contents for cell in report.__closure__)
        stream.read()
        into.write(json.dumps(tried(bait)).encode())

    return strangers_worker.main(read=taken)


WORKERS = {
    "rebuild": (rebuild, RebuildLimits, OUTCOMES),
    "strangers": (strangers, ReaderLimits, REPORT),
}


def order(name: str, source: Path, into: Path, *, threads: bool = False) -> bytes:
    limits = asdict(WORKERS[name][1]())
    files = {"source": str(source), "into": str(into), "threads": threads}
    return json.dumps({"task": "rebuild", "limits": limits} | files).encode()


@contextlib.contextmanager
def baited(folder: Path) -> Iterator[Bait]:
    """A service's belongings: this process is the service."""
    (folder / "link.key").write_bytes(b"secret")
    (folder / "source").write_bytes(b"%PDF-")
    (folder / "intake.db").write_bytes(b"SQLite")
    word = ctypes.create_string_buffer(b"secret!\0", 8)
    name = f"{folder.name}-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as line,
        socket.socket(socket.AF_UNIX) as path,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        path.bind(str(folder / "s"))
        abstract.bind("\0" + name)
        path.listen()
        abstract.listen()
        yield Bait(
            secret=str(folder / "link.key"),
            source=str(folder / "source"),
            folder=str(folder),
            database=str(folder / "intake.db"),
            parent=os.getpid(),
            address=ctypes.addressof(word),
            descriptor=line.fileno(),
            abstract=name,
            socket=str(folder / "s"),
            port=server.getsockname()[1],
        )


def main(name: str, uid: int, mode: str, folder: Path) -> None:
    """Prints what the worker's deeds met.

    *mode* is what the service may: enter user ``namespaces``, change ``accounts`` (by
    two capabilities), or ``none`` of them.
    """
    libc = ctypes.CDLL(None)
    if mode == "accounts":
        libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
    if os.getuid() != uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if mode == "accounts":
        head = struct.pack("Ii", 0x20080522, 0)
        assert libc.capset(head, struct.pack("6I", *2 * (SETTING,), 0, 0, 0, 0)) == 0
    libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: as a program started afresh has it
    if mode != "namespaces":
        _refuse_unshare(libc)
    act, _, outcomes = WORKERS[name]
    into = folder / "into"
    into.mkdir()
    with baited(folder) as bait:
        pid = os.fork()
        if not pid:
            os.environ[BAIT] = json.dumps(asdict(bait))
            os.chdir(into)
            os.closerange(3, 64)
            sent = order(name, folder / "source", into)
            sys.stdin = io.TextIOWrapper(io.BytesIO(sent))
            act()
            os._exit(0)
        os.waitpid(pid, 0)
    sys.stderr.write(str((into / outcomes).stat().st_uid))
    sys.stdout.write((into / outcomes).read_text())


def _refuse_unshare(libc: ctypes.CDLL) -> None:
    """As Docker's default profile does for who has no CAP_SYS_ADMIN."""
    number = {"x86_64": 272, "aarch64": 97}[platform.machine()]
    lines = (
        (0x20, 0, 0, 0),
        (0x15, 0, 1, number),
        (0x06, 0, 0, 0x00050001),
        (0x06, 0, 0, 0x7FFF0000),
    )
    code = b"".join(struct.pack("HBBI", *line) for line in lines)
    text = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(text))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, head, 0, 0):
        raise OSError("no filter")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
