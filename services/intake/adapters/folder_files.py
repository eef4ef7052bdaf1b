"""Which files of a hot folder count, and what is seen of each without opening it.

Names of files on their way, of hidden ones and of what systems leave are passed over,
and so are links. Start at ``files_in``.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from intake.domain.arrivals import SeenFile

ASIDE: Final = "không nhận"
"""The folder inside the hot folder for what cannot be taken."""
TEMPORARY: Final = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart")
"""How FTP servers, scanners and browsers end the name of a file on its way."""
LEFT_THERE: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What systems leave in folders that people look into."""


def files_in(folder: Path, sender: str) -> Iterator[SeenFile]:
    """Those that count in *folder*, the hot folder or the *sender*'s folder in it.
    Raises OSError if the hot folder itself cannot be read.
    """
    try:
        inside = list(os.scandir(folder))
    except OSError:
        if not sender:
            raise
        return  # somebody else's folder: the others go on
    for entry in inside:
        with contextlib.suppress(FileNotFoundError):  # taken away since
            if _counts(entry.name) and entry.is_file(follow_symlinks=False):
                found = entry.stat(follow_symlinks=False)
                yield as_seen(sender, entry.name, found)


def folders_in(root: Path) -> list[str]:
    """Names of the folders that senders have in the hot folder. Raises OSError."""
    return sorted(
        entry.name
        for entry in os.scandir(root)
        if _counts(entry.name)
        and entry.name != ASIDE
        and entry.is_dir(follow_symlinks=False)
    )


def _counts(name: str) -> bool:
    plain = name.lower()
    hidden = name.startswith((".", "~")) or name.endswith("~")
    return not hidden and not plain.endswith(TEMPORARY) and plain not in LEFT_THERE


def as_seen(sender: str, name: str, found: os.stat_result) -> SeenFile:
    return SeenFile(
        sender=sender,
        name=name,
        size=found.st_size if stat.S_ISREG(found.st_mode) else -1,
        device=found.st_dev,
        inode=found.st_ino,
        modified_ns=found.st_mtime_ns,
        changed_ns=found.st_ctime_ns,
    )
