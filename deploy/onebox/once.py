"""Steps that run once and must succeed, and the logs of whatever runs."""

import asyncio
import contextlib
import subprocess
from asyncio.subprocess import Process
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from chassis.starting import CannotStart
from onebox import settings
from onebox.places import Places
from onebox.processes import dying_with_parent

TAIL_LINES: Final = 12


async def run_once(
    name: str, command: tuple[str, ...], own: Mapping[str, str], places: Places
) -> None:
    """A step that must succeed (migrate, provision); its words go to the log."""
    try:
        with log_of(name, places) as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=settings.for_child(own),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                preexec_fn=dying_with_parent(),
            )
            status = await _wait_or_end(process)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotStart(
            f"Bước {name} không chạy được: {error}.",
            f"Step {name} could not be run: {error}.",
        ) from error
    if status != 0:
        vi, en = last_words(places.log(name))
        raise CannotStart(
            f"Bước {name} không xong ({ending(status)}); {vi}",
            f"Step {name} did not succeed; {en}",
        )


async def _wait_or_end(process: Process) -> int:
    """The step's exit status; it is killed if nobody waits for it any more."""
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.contextmanager
def log_of(name: str, places: Places) -> Iterator[IO[bytes] | int]:
    """The program's log, or nowhere where the disk takes no file: a program without a
    log is better than none, and its next start opens the log again.
    """
    path = places.log(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.open("ab")
    except OSError:
        yield subprocess.DEVNULL
        return
    with log:
        yield log


def last_words(log: Path) -> tuple[str, str]:
    """Where the log is and how it ends; it has no lines where the disk was full."""
    lines = "\n".join(f"  {line}" for line in tail(log))
    if not lines:
        return f"nhật ký ở {log} còn trống.", f"its log {log} is empty."
    return (
        f"nhật ký ở {log}, các dòng cuối:\n{lines}",
        f"its log is {log}, last lines above.",
    )


def tail(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    except OSError:
        return []


def ending(status: int) -> str:
    if status < 0:
        return f"bị dừng bởi tín hiệu {-status} · ended by signal {-status}"
    return f"kết thúc với mã {status} · ended with status {status}"
