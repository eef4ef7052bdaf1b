"""A program: what one copy costs in counts, by the code that signs and archives it.

``python -m support.counted_copy FOLDER`` prints JSON. It is a process of its own, since
what it counts is replaced before anything of ours is imported: a module that has taken
``sha256`` for itself would not be counted any more. Start at ``main``.
"""

import asyncio
import hashlib
import importlib
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

COUNTS: Counter[str] = Counter()
PAGE_BYTES = 1 << 15
"""Less at once is no page's image: names, certificates, a clause page."""
_sha256, _fsync, _pwrite, _preadv = hashlib.sha256, os.fsync, os.pwrite, os.preadv


class CountedSha256:
    """SHA-256 as hashlib has it, which counts what large pieces it is given."""

    def __init__(self, data: Any = b"", **options: Any) -> None:
        self._hash = _sha256(data, **options)
        _count(data)

    def update(self, data: Any) -> None:
        self._hash.update(data)
        _count(data)

    def copy(self) -> "CountedSha256":
        fork = CountedSha256()
        fork._hash = self._hash.copy()
        return fork

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hash, name)


def _count(data: Any) -> None:
    size = memoryview(data).nbytes
    if size >= PAGE_BYTES:
        COUNTS["hashed bytes"] += size


def fsync(fd: int) -> None:
    COUNTS["flushes"] += 1
    _fsync(fd)


def pwrite(fd: int, data: Any, offset: int) -> int:
    written = _pwrite(fd, data, offset)
    COUNTS["written bytes"] += written
    return written


def preadv(fd: int, buffers: Any, offset: int) -> int:
    read = _preadv(fd, buffers, offset)
    COUNTS["read back bytes"] += read
    return read


def main() -> None:
    hashlib.sha256 = CountedSha256  # type: ignore[misc,assignment]
    os.fsync, os.pwrite, os.preadv = fsync, pwrite, preadv
    making = importlib.import_module("support.one_copy")
    size = asyncio.run(making.make_copies(Path(sys.argv[1]), COUNTS))
    sys.stdout.write(json.dumps({**COUNTS, "original bytes": size}) + "\n")


if __name__ == "__main__":
    main()
