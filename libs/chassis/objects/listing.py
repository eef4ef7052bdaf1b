"""What a bucket has, key by key, read a piece at a time: a bucket may have millions."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from chassis.objects import NO_OBJECTS

AT_ONCE: Final = 1000
"""An S3 server lists so many in one answer."""
Listed = tuple[str, int]
"""A key and its bytes."""
Call = Callable[..., Coroutine[Any, Any, list[Listed]]]
"""Runs a function on the store's own threads."""


async def in_pieces(call: Call, objects: Iterator[Listed]) -> AsyncIterator[Listed]:
    """Each of *objects* whose key is no self-test's."""

    def piece() -> list[Listed]:
        return list(islice(objects, AT_ONCE))

    while found := await call(piece):
        for key, size in found:
            if key.split("/", 1)[0] not in NO_OBJECTS:
                yield key, size


def files_below(root: Path, prefix: str = "") -> Iterator[Listed]:
    """Plain files of a directory by their path in it, if that begins with *prefix*; one
    that is deleted meanwhile is left out.
    """
    for folder, _, names in os.walk(root / prefix.rpartition("/")[0]):
        for name in names:
            path = Path(folder) / name
            key = path.relative_to(root).as_posix()
            if not key.startswith(prefix):
                continue
            try:
                size = path.stat().st_size
            except FileNotFoundError:
                continue
            yield key, size
