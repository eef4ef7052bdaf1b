"""The logs of one onebox: each is cut at a size, and some older pieces are there.

The programs hold their logs open and go on writing while a log is cut: it is copied
away and emptied, and because they append, they go on at its new beginning. A line that
is written between the last byte copied and the emptying is lost; a pipe through this
process would lose none and stop every program when this one hangs
(docs/decisions/0095). Start at ``rotate``.
"""

import asyncio
import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

from onebox.places import Places

MOST_BYTES: Final = 10 << 20
PIECES: Final = 5
"""The limit is that of compose: five of ten megabytes for each program."""
EVERY_SECONDS: Final = 10.0
_HALF: Final = ".half"


async def keep_rotating(places: Places, every: float = EVERY_SECONDS) -> None:
    """Cut what has grown too long, at the start and then for ever."""
    while True:
        await asyncio.to_thread(rotate_all, places)
        await asyncio.sleep(every)


def rotate_all(places: Places, most: int = MOST_BYTES) -> None:
    """A disk that is full, or a folder that is gone, leaves it to the next time."""
    folder = places.log("onebox").parent
    with contextlib.suppress(OSError):
        for half in folder.glob(f"*{_HALF}"):
            half.unlink()  # of a house that was killed in the middle
        for log in folder.glob("*.log"):
            rotate(log, most)


def rotate(log: Path, most: int = MOST_BYTES) -> bool:
    """Cut *log* if it is longer than *most* bytes. Raises OSError."""
    if log.stat().st_size <= most:
        return False
    half = log.with_name(f"{log.name}{_HALF}")
    shutil.copyfile(log, half)
    for number in range(PIECES - 1, 0, -1):
        older = _piece(log, number)
        if older.exists():
            older.replace(_piece(log, number + 1))
    half.replace(_piece(log, 1))
    # A crash here leaves the same lines in both: better than in neither.
    os.truncate(log, 0)
    return True


def report(places: Places) -> list[str]:
    """The lines on the logs, in the form that services use for their own things."""
    files = [f for f in places.log("onebox").parent.glob("*.log*") if f.is_file()]
    size = sum(file.stat().st_size for file in files)
    rule = f"{MOST_BYTES >> 20} MB × {PIECES + 1} mỗi chương trình · each program"
    return [
        f"onebox   logs             {len(files):>8}, {size} bytes",
        f"    {rule}; cũ nhất bỏ trước · the oldest go first",
    ]


def _piece(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
