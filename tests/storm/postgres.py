"""PostgreSQL beside the house, which the storm keeps up and strikes.

Start at ``Postgres.make``.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from storm.house import SERVICES
from storm.others import Other
from support.servers import found


@dataclass
class Postgres(Other):
    folder: Path
    process: subprocess.Popen | None = None

    @classmethod
    def make(cls, folder: Path) -> "Postgres":
        """A new cluster with a database for each service, running."""
        folder.mkdir(mode=0o755, exist_ok=True)
        made = cls(folder)
        shutil.chown(folder, made.user)
        made.run("initdb", "-D", folder / "data", "-U", "ecopy", "-A", "trust")
        made.start()
        for name in SERVICES:
            made.run("createdb", "-h", folder, "-U", "ecopy", name)
        return made

    @property
    def user(self) -> str:
        known = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in known else "nobody"

    @property
    def binaries(self) -> Path:
        return found("initdb", "usr/lib/postgresql/*/bin/initdb").resolve().parent

    def environment(self) -> dict[str, str]:
        return {
            f"{name.upper()}__DATABASE__URL": (
                f"postgresql+psycopg://ecopy@/{name}?host={self.folder}"
            )
            for name in SERVICES
        }

    def start(self) -> None:
        log = self.folder / "log.txt"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [
                    *(self.binaries / "postgres", "-D", self.folder / "data"),
                    *("-k", self.folder, "-h", ""),
                ],
                **self._as_user(),
                stdout=out,
                stderr=out,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline:
                raise TimeoutError(log.read_text()[-500:])
            if self.process.poll() is not None:
                # A backend of the killed postmaster still holds the shared memory.
                time.sleep(0.2)
                self.start()
            time.sleep(0.1)

    def run(self, program: str, *words: object) -> None:
        command = [self.binaries / program, *map(str, words)]
        subprocess.run(command, check=True, capture_output=True, **self._as_user())

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def end(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    async def back(self) -> None:
        if self.process is None or self.process.poll() is not None:
            await asyncio.to_thread(self.start)

    async def struck(self, how: str, seconds: float) -> None:
        assert self.process is not None
        if how == "stop":
            await self._stop_all(seconds)
        elif how == "backend":
            children = self._children()
            if children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(children[-1], signal.SIGKILL)
        else:
            number = signal.SIGKILL if how == "kill" else signal.SIGINT
            self.process.send_signal(number)
            await asyncio.to_thread(self.process.wait, 30)
            await asyncio.sleep(seconds)
            await self.back()

    def freeze(self) -> None:
        # Twice: a backend may have been made while the first round went through.
        for _ in range(2):
            self._send_all(signal.SIGSTOP)

    def end_at_once(self) -> None:
        assert self.process is not None
        self._send_all(signal.SIGKILL)
        self.process.wait()

    async def _stop_all(self, seconds: float) -> None:
        self._send_all(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._send_all(signal.SIGCONT)

    def _send_all(self, number: signal.Signals) -> None:
        assert self.process is not None
        for pid in (self.process.pid, *self._children()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _children(self) -> list[int]:
        assert self.process is not None
        pid = self.process.pid
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(word) for word in words]

    def _answers(self) -> bool:
        command = [self.binaries / "pg_isready", "-q", "-h", self.folder]
        return subprocess.run(command, check=False, cwd="/").returncode == 0

    def _as_user(self) -> dict[str, object]:
        user = self.user if os.geteuid() == 0 else None
        path = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return {"user": user, "cwd": "/", "env": path}
