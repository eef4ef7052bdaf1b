"""Thumbnails of a file whose worker is still at work, as it leaves them one by one.

The worker may have been taken over and is alive: what lies in its folder can change
between two looks, so a picture is opened once, without following a link, and read no
further than a thumbnail reaches. Start at ``watching``.
"""

import asyncio
import contextlib
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

LOOK_SECONDS: Final = 0.2
"""A page of 300 dpi takes the worker about a tenth of a second."""
MOST_BYTES: Final = 256 << 10
"""160 × 1,164 pixels, the longest that a worker draws, make a third of it."""
_END_OF_IMAGE: Final = b"\xff\xd9"
_CAREFULLY: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Taken = Callable[[tuple[bytes, ...]], Awaitable[None]]
"""Is given the next thumbnails, in the order of their pages."""


@contextlib.asynccontextmanager
async def watching(into: Path, taken: Taken, *, most: int) -> AsyncIterator[None]:
    """Thumbnails are handed over while the context lasts. What *taken* raises ends the
    watching and hinders nothing else: the whole file's pictures come all the same.
    """
    task = asyncio.create_task(watch(into, taken, most=most))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("coming_pages_not_shown", error=repr(error))


async def watch(
    into: Path, taken: Taken, *, most: int, look_seconds: float = LOOK_SECONDS
) -> None:
    """Hand over each thumbnail of the folder soon after it is whole. Goes on until it
    is cancelled; no more than *most* are looked for.
    """
    count = 0
    while count < most:
        await asyncio.sleep(look_seconds)
        found = await asyncio.to_thread(_next, into, count, most)
        if found:
            count += len(found)
            await taken(found)


def _next(into: Path, count: int, most: int) -> tuple[bytes, ...]:
    found: list[bytes] = []
    while count + len(found) < most:
        picture = _whole(into / f"{count + len(found) + 1:04}.thumb.jpg")
        if picture is None:
            break
        found.append(picture)
    return tuple(found)


def _whole(path: Path) -> bytes | None:
    """The picture, once the worker has written its end: inside a JPEG these two bytes
    do not stand together.
    """
    try:
        handle = os.open(path, _CAREFULLY)
    except OSError:
        return None
    try:
        regular = stat.S_ISREG(os.fstat(handle).st_mode)
        picture = os.read(handle, MOST_BYTES + 1) if regular else b""
    finally:
        os.close(handle)
    ended = picture.endswith(_END_OF_IMAGE) and len(picture) <= MOST_BYTES
    return picture if ended else None
