"""The house that is struck: ``ecopy up --demo`` as a person starts it, and its
processes by name.

Start at ``StormHouse``.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from onebox.people import Person, read_people
from onebox.places import Places, Ports, url
from onebox.watching import answers
from storm.walls import ROOT

START_SECONDS = 240.0
AGAIN_SECONDS = 30.0
"""Programs that have lost their supervisor end within 8 s (``chassis.process``)."""
SERVICES = ("intake", "signing", "storage")
PROGRAMS = (*SERVICES, "nats", "pki")
_MARKS = {
    "nats": b"nats-server",
    "pki": b"onebox.pki_server",
    **{name: f"\0-m\0{name}\0".encode() for name in SERVICES},
}
GENEROUS = {
    # The clients are one address; what a stranger may do is not what is tried here.
    "STORAGE__LIMITS__WRONG_LINKS_PER_WINDOW": "1000000",
    "STORAGE__LIMITS__FILES_PER_WINDOW": "1000000",
    "STORAGE__LIMITS__CODES_PER_WINDOW": "1000000",
}


class NotUp(Exception):
    """The house did not come up; the text is what it said."""


@dataclass
class StormHouse:
    """One ``var/`` and the processes over it; only those are ever signalled."""

    var: Path
    port: int
    words: Path
    """Where the house's own output goes, outside of ``var/``."""
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    starts: int = 0

    @property
    def ports(self) -> Ports:
        return Ports.starting_at(self.port)

    @property
    def desk(self) -> str:
        return url(self.ports.intake)

    @property
    def public(self) -> str:
        return url(self.ports.storage)

    def person(self, role: str) -> Person:
        known = read_people(Places(self.var).demo / "people.json")
        return next(p for p in known if p.role == role)

    async def start(self) -> float:
        """Seconds until it says that it is up; NotUp with its words."""
        began, self.starts = time.monotonic(), self.starts + 1
        self.words.write_text("")
        with self.words.open("ab") as out:
            self.process = subprocess.Popen(
                self._command("up", "--demo"),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._environment(),
                cwd=ROOT,
            )
        while "Ctrl-C" not in self.words.read_text(errors="replace"):
            late = time.monotonic() - began > START_SECONDS
            if late or self.process.poll() is not None:
                raise NotUp(self.words.read_text(errors="replace"))
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def start_again(self) -> float:
        """``start`` as a person does it after the supervisor alone was killed: again,
        while the programs of the one before still end and hold its ports.
        """
        began = time.monotonic()
        while True:
            try:
                await self.start()
            except NotUp:
                if time.monotonic() - began > AGAIN_SECONDS:
                    raise
                await asyncio.sleep(0.5)
            else:
                return time.monotonic() - began

    def end_supervisor(self) -> list[int]:
        """kill −9 of ``ecopy up`` alone; the processes that it had below it."""
        assert self.process is not None
        below = self.family()[1:]
        self.process.kill()
        self.process.wait()
        return below

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another word of ``ecopy`` over the same house."""
        return subprocess.run(
            self._command(*words),
            env=self._environment(),
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )

    async def ready(self, *names: str, seconds: float = 120.0) -> float | None:
        """Seconds until each of *names* serves; None if one does not in time."""
        began = time.monotonic()
        async with httpx.AsyncClient(timeout=2) as client:
            for name in names or PROGRAMS:
                while not await answers(client, self._ready_url(name)):
                    if time.monotonic() - began > seconds:
                        return None
                    await asyncio.sleep(0.05)
        return time.monotonic() - began

    def pid(self, name: str) -> int | None:
        return next((pid for pid in self.family() if _is(pid, name)), None)

    def send(self, name: str, number: signal.Signals) -> int | None:
        """The signalled process; None where there is none just now."""
        pid = self.pid(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def arm(self, service: str, point: str) -> None:
        """The next process of *service* dies at *point*, the one after it does not."""
        self._arm_file(service).write_text(point)

    def disarm(self, service: str) -> None:
        self._arm_file(service).unlink(missing_ok=True)

    def behave(self, how: str) -> None:
        """What the archive's folder does from now on: ``lying``, ``truncating``, or
        ``""`` for what it ought to.
        """
        self.words.with_name("arm.disk").write_text(how)

    def freeze(self) -> list[int]:
        """Stop every process of the house, parents first; the processes."""
        stopped: list[int] = []
        # Twice: a child may have been made while the first round went through.
        for _ in range(2):
            for pid in self.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    stopped.append(pid)
        return stopped

    def end_at_once(self) -> None:
        """kill −9 of all of it, in one moment: nothing ends in order."""
        if self.process is None:
            return
        for pid in self.freeze():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    async def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        while self.process.poll() is None and time.monotonic() - began < 30:
            await asyncio.sleep(0.1)
        self.end_at_once()

    def family(self) -> list[int]:
        """The supervisor's process and everything below it."""
        return [pid for pid, _ in self.pedigree()]

    def pedigree(self) -> list[tuple[int, int]]:
        """(process, its parent) of the family, parents first."""
        if self.process is None:
            return []
        children: dict[int, list[int]] = {}
        for pid, parent in _parents():
            children.setdefault(parent, []).append(pid)
        found, left = [], [(self.process.pid, os.getpid())]
        while left:
            pid, parent = left.pop(0)
            found.append((pid, parent))
            left += [(child, pid) for child in children.get(pid, [])]
        return found

    def _ready_url(self, name: str) -> str:
        port = self.ports.named()["nats-monitor" if name == "nats" else name]
        return f"{url(port)}/{'readyz' if name in ('intake', 'storage') else 'healthz'}"

    def _command(self, *words: str) -> list[str]:
        own = ["--var", str(self.var), "--port", str(self.port)]
        return [sys.executable, "-m", "onebox", *words, *own]

    def _environment(self) -> dict[str, str]:
        site = str(ROOT / "tests" / "storm" / "site")
        path = os.pathsep.join([site, os.environ["PYTHONPATH"]])
        own = {"PYTHONPATH": path, "STORM_ARM": str(self.words.with_name("arm"))}
        return {**os.environ, **GENEROUS, **self.environment, **own}

    def _arm_file(self, service: str) -> Path:
        return self.words.with_name(f"arm.{service}")


def _parents() -> Iterator[tuple[int, int]]:
    """(process, its parent) of each process in this namespace."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            after_name = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            yield int(folder.name), int(after_name[1])


def is_running(pid: int) -> bool:
    """Whether it still runs; one that nobody has waited for yet does not."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z"
    return False


def words_of(pid: int) -> str:
    """Which program a process is; nothing where it has ended meanwhile."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        return words.replace(b"\0", b" ").decode(errors="replace")[:200]
    return ""


def _is(pid: int, name: str) -> bool:
    """Whether this is the program itself, not a step or a worker of it."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        if name in SERVICES:
            return words.endswith(_MARKS[name])
        return _MARKS[name] in words and b"onebox\0up" not in words
    return False
