"""Arms a service of the storm's house to die once at a named durable step.

A house that is up passes its own environment to what it starts again, so a step that
stood there would kill each start. The name of the step lies in a file instead, and
whoever is meant by it takes it away.
"""

import contextlib
import os
import select
import sys
import time


def _arm() -> None:
    place = os.environ.get("STORM_ARM")
    if not place or sys.orig_argv[-2:-1] != ["-m"]:
        return
    service = sys.orig_argv[-1]
    path = f"{place}.{service}"
    with contextlib.suppress(OSError), open(path) as file:  # noqa: PTH123 - at start
        os.environ[f"{service.upper()}__CRASH_AT"] = file.read().strip()
        os.unlink(path)  # noqa: PTH108 - nothing else is imported here


def _lie() -> None:
    """Stand between storage and the archive's folder, as a bad disk would: what is
    written there is answered as written, and is not (``lying``), or half of it is
    (``truncating``). ``StormHouse.behave`` says when.
    """
    place = f"{os.environ.get('STORM_ARM')}.disk"
    pwrite, truncate = os.pwrite, os.ftruncate

    def how(fd: int) -> str:
        with contextlib.suppress(OSError):
            if "/objects/archive/" in os.readlink(f"/proc/self/fd/{fd}"):  # noqa: PTH115
                with open(place) as file:  # noqa: PTH123
                    return file.read()
        return ""

    def written(fd: int, content: object, at: int) -> int:
        if how(fd) == "lying":
            return len(memoryview(content))  # type: ignore[arg-type]
        return pwrite(fd, content, at)  # type: ignore[arg-type]

    def cut(fd: int, length: int) -> None:
        truncate(fd, length // 2 if how(fd) == "truncating" else length)

    os.pwrite, os.ftruncate = written, cut  # type: ignore[assignment]


_arm()
if sys.orig_argv[-2:] == ["-m", "storage"]:
    _lie()
if "FAKETIME_TIMESTAMP_FILE" in os.environ:
    # libfaketime 0.9.10 answers EINVAL to Python's clock_nanosleep while the monotonic
    # clock is left alone, so every sleep of a thread would raise.
    time.sleep = lambda seconds: select.select([], [], [], seconds)
