"""A file that is arriving, in a temporary file of this machine."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from chassis import temporary
from chassis.objects import check_key, trouble


class Spool:
    """An ``Incoming`` in a temporary file: memory does not grow with its size."""

    def __init__(
        self, directory: Path | None, keep: Callable[[str, Path], bool]
    ) -> None:
        fd, self._path = temporary.file("incoming-", directory)
        self._file = os.fdopen(fd, "wb", buffering=0)
        self._hash = hashlib.sha256()
        self._keep = keep
        self._size = 0

    @property
    def size(self) -> int:
        return self._size

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write(self, chunk: bytes) -> None:
        await asyncio.to_thread(self._append, chunk)

    def _append(self, chunk: bytes) -> None:
        with trouble():
            self._hash.update(chunk)
            self._file.write(chunk)
            self._size += len(chunk)

    def path(self) -> Path:
        return self._path

    async def keep(self, key: str) -> bool:
        return await asyncio.to_thread(self._keep, check_key(key), self._path)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)
        self._file.close()
