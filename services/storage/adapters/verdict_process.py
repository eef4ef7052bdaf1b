"""The service's end of one process that looks into strangers' files: starting it,
asking it one line at a time within a deadline, ending it with all its children. What
it does is ``verdict_worker``'s business, what its answers are worth ``verdicts``'.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

from chassis import temporary
from chassis.confined import WorkerAbsent

# -s and -P: nothing of a user's site-packages and nothing of the current directory,
# where children write their reports, is ever imported.
WORKER: Final = (sys.executable, "-sP", "-m", "storage.adapters.verdict_worker")
START_SECONDS: Final = 20.0


class VerdictProcess:
    """One process and the directory in which its children leave their reports."""

    def __init__(self, command: Sequence[str], trust: bytes) -> None:
        self._directory = temporary.Folder("verdicts")
        self._numbers = count(1)
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._directory.path,
            # No more than it needs: the service's own environment holds its secrets.
            env={"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"},
            start_new_session=True,  # so that ``end`` reaches its children, too
            bufsize=0,
        )
        try:
            self._ask(trust, START_SECONDS)
        except (OSError, TimeoutError, WorkerAbsent) as error:
            self.end()
            raise WorkerAbsent(f"did not start: {error}") from error

    @property
    def pid(self) -> int:
        return self._process.pid

    def look(self, order: dict[str, Any]) -> tuple[int, Path]:
        """How the child ended, and where its report is if it left one.

        Raises TimeoutError; whoever gets an exception here ends this process.
        """
        report = self._directory.path / f"{next(self._numbers)}.json"
        line = json.dumps({**order, "report": str(report)}).encode() + b"\n"
        return int(self._ask(line, order["wall_seconds"])), report

    def _ask(self, line: bytes, seconds: float) -> bytes:
        """One line for what is sent, within so many seconds."""
        sent, answers = self._process.stdin, self._process.stdout
        if sent is None or answers is None:
            raise WorkerAbsent("no pipes")
        # select, because a read in a thread cannot be given up: a process that is
        # silent must cost its time and no more.
        sent.write(line)
        until, answer = time.monotonic() + seconds, b""
        while not answer.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not select.select([answers], [], [], left)[0]:
                raise TimeoutError
            more = answers.read(64)
            if not more:
                raise WorkerAbsent("ended")
            answer += more
        return answer

    def end(self) -> None:
        """With all that it started; harmless when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._directory.remove()
