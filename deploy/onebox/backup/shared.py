"""The scanner's folder, copied while others write to it and intake takes files away.

Whoever may write to a share may lay a link to any file of this machine there, a pipe,
or a folder that becomes a link while it is read. Start at ``copy_shared``.
"""

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def copy_shared(folder: Path, into: Path) -> None:
    """The plain files of *folder* and of the folders in it, with their times. What
    cannot be opened is left out: intake cannot take it, either; and what is gone
    meanwhile, intake has taken.
    """
    into.mkdir()
    for root, _, names, handle in os.fwalk(folder):
        target = into / Path(root).relative_to(folder)
        target.mkdir(exist_ok=True)
        for name in names:
            with _plain(name, handle) as source:
                if source is not None:
                    _copy(source, target / name)


@contextlib.contextmanager
def _plain(name: str, folder: int) -> Iterator[BinaryIO | None]:
    """The file of that name below the open *folder*; None for anything else."""
    try:
        handle = os.open(name, READ, dir_fd=folder)
    except OSError:
        yield None
        return
    with os.fdopen(handle, "rb") as file:
        yield file if stat.S_ISREG(os.fstat(handle).st_mode) else None


def _copy(source: BinaryIO, target: Path) -> None:
    with target.open("xb") as out:
        shutil.copyfileobj(source, out)
    found = os.fstat(source.fileno())
    # The oldest is taken first, also after a restore.
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
