"""Real servers for tests: nats-server, PostgreSQL, versitygw. On loopback or a unix
socket, in a temporary directory, ended by their own process id."""

import contextlib
import json
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from support.memory import in_memory
from support.settings import found
from support.waiting import LONG_SECONDS

_ADDRESS = re.compile(r"postgresql\+psycopg://([^@]*)@/([^?]*)\?host=(.*)")


FIRST_PORT, LAST_PORT = 10_000, 32_000
"""The kernel gives 32768 to 60999 (net.ipv4.ip_local_port_range)."""


def free_port() -> int:
    """A port at which nobody listens, below those that the kernel gives to outgoing
    connections: between this look and a program's start one of these could take it.
    """
    # The system's chance, because a test may have seeded Python's: processes side by
    # side would then draw the same ports.
    draw = random.SystemRandom()
    while True:
        port = draw.randrange(FIRST_PORT, LAST_PORT)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def wait_for(ready: Callable[[], bool], what: str, seconds: float = LONG_SECONDS):
    """Wait for a state with a deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if ready():
                return
        time.sleep(0.02)
    raise AssertionError(f"{what} was not ready within {seconds:g} s")


def listening(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True


@contextlib.contextmanager
def running(
    command: list[str | Path], log: Path, **options
) -> Iterator[subprocess.Popen]:
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass
class Nats:
    """A nats-server that can be killed and started again on the same store."""

    directory: Path
    port: int
    monitor_port: int
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor(self) -> str:
        return f"http://127.0.0.1:{self.monitor_port}"

    def start(self) -> None:
        server = Path(sys.executable).with_name("nats-server")
        with (self.directory / "nats.log").open("ab") as out:
            self.process = subprocess.Popen(
                [server, "-c", self.directory / "nats.conf"], stdout=out, stderr=out
            )
        wait_for(self._healthy, "nats-server")

    def _healthy(self) -> bool:
        with urllib.request.urlopen(f"{self.monitor}/healthz", timeout=1) as answer:
            return json.load(answer)["status"] == "ok"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


@contextlib.contextmanager
def nats_server(directory: Path) -> Iterator[Nats]:
    server = Nats(directory, free_port(), free_port())
    (directory / "nats.conf").write_text(
        f"host: 127.0.0.1\nport: {server.port}\nhttp: 127.0.0.1:{server.monitor_port}\n"
        f'jetstream {{ store_dir: "{directory}/js", sync_interval: always }}\n'
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Postgres:
    directory: Path

    def place(self) -> str:
        """The URL of a database that is not there yet (``support.databases``)."""
        name = f"t{uuid.uuid4().hex}"
        return f"postgresql+psycopg://ecopy@/{name}?host={self.directory}"

    def database(self) -> str:
        """The URL of a new database without tables."""
        url = self.place()
        create_database(url)
        return url


_MAKING: dict[str, psycopg.Connection] = {}
"""The connection of each server over which its databases are made, by its folder."""
_CHOOSES = 15_00_00
"""The first version that copies a database in either way."""
CHEAPLY = (
    # Nobody follows these servers, and each new database is 8 MB.
    *("-c", "wal_level=minimal", "-c", "max_wal_senders=0"),
    # It looks into each database once a minute: into hundreds of them that nobody will
    # ask for again, by a process every fifth of a second.
    *("-c", "autovacuum=off"),
)


def create_database(url: str, template: str = "template1") -> None:
    """On PostgreSQL. By a connection, not by ``createdb``: a process costs more than
    the database. Raises DuplicateDatabase.
    """
    _, name, host = _ADDRESS.fullmatch(url).groups()
    if host in _MAKING:
        _MAKING[host].execute(_creating(_MAKING[host], name, template))
        return
    # Another process of a test has no connection of this one's.
    with psycopg.connect(
        host=host, user="ecopy", dbname="postgres", autocommit=True
    ) as making:
        making.execute(_creating(making, name, template))


def _creating(making: psycopg.Connection, name: str, template: str) -> sql.Composed:
    """As files, which here are in memory: 20 ms of the server. By its log, as the
    server does since 15 unless it is told, a copy takes 31.
    """
    command = "CREATE DATABASE {} TEMPLATE {}"
    if making.info.server_version >= _CHOOSES:
        command += " STRATEGY file_copy"
    return sql.SQL(command).format(sql.Identifier(name), sql.Identifier(template))


@contextlib.contextmanager
def postgres_server() -> Iterator[Postgres]:
    """PostgreSQL refuses to run as root: then it runs as another user, in a folder
    outside pytest's own (every pytest that root starts closes that one to others). Each
    test has a new database of 8 MB, and nothing asks what a power cut leaves of it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="ecopy-pg-", dir=in_memory()) as folder,
        _postgres(Path(folder)) as server,
    ):
        yield server


@contextlib.contextmanager
def _postgres(directory: Path) -> Iterator[Postgres]:
    initdb = found("initdb", "usr/lib/postgresql/*/bin/initdb").resolve()
    binaries = initdb.parent
    user = None
    if os.geteuid() == 0:
        user = next(
            u.pw_name for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody")
        )
        shutil.chown(directory, user)
    data = directory / "data"
    options = {"user": user, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}}
    subprocess.run(
        [initdb, "-D", data, "-U", "ecopy", "-A", "trust", "--no-sync", "-E", "UTF8"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **options,
    )
    command = [binaries / "postgres", "-D", data, "-k", directory, "-h", "", *CHEAPLY]
    log = directory / "postgres.log"
    log.touch()
    with running(command, log, cwd="/", **options) as process:
        wait_for((directory / ".s.PGSQL.5432").exists, "PostgreSQL")
        wait_for(lambda: "ready to accept" in log.read_text(), "PostgreSQL")
        with psycopg.connect(
            host=str(directory), user="ecopy", dbname="postgres", autocommit=True
        ) as making:
            _MAKING[str(directory)] = making
            try:
                yield Postgres(directory)
            finally:
                del _MAKING[str(directory)]
        process.send_signal(signal.SIGINT)


@dataclass(frozen=True)
class S3:
    endpoint: str
    access_key: str = "tests"
    secret_key: str = "tests-only-secret"


@contextlib.contextmanager
def s3_server(directory: Path) -> Iterator[S3]:
    """versitygw (Go) over a directory: objects are plain files."""
    program = found("versitygw", "usr/local/bin/versitygw")
    port = free_port()
    server = S3(f"http://127.0.0.1:{port}")
    for name in ("data", "versions"):
        (directory / name).mkdir()
    environment = {
        "ROOT_ACCESS_KEY": server.access_key,
        "ROOT_SECRET_KEY": server.secret_key,
        "PATH": "/usr/bin:/bin",
    }
    command = [
        program,
        "--port",
        f"127.0.0.1:{port}",
        "--quiet",
        "posix",
        # Only buckets that are made with an object lock have versions.
        *("--versioning-dir", directory / "versions"),
        directory / "data",
    ]
    with running(command, directory / "s3.log", env=environment):
        wait_for(lambda: listening(port), "versitygw")
        yield server
