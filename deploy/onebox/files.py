"""Files of ``var/``: for their owner only, whole, and on the disk before anybody
relies on them.

A file that is renamed into place without ``fsync`` is empty after a power cut within
the file system's write-back (about 30 s on ext4): a first start left a house without
keys that way. Start at ``write_text``.
"""

import os
import shutil
import stat
from pathlib import Path
from typing import Final

from chassis.objects.durable import sync_directory
from chassis.starting import CannotStart

OWNER_ONLY: Final = 0o600
OWNERS_FOLDER: Final = 0o700
OTHERS: Final = 0o077
"""Mode bits, and so the umask, that keep every other account out."""


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, each one durable in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=OWNERS_FOLDER, exist_ok=True)
    sync_directory(folder.parent)


def write_secret(path: Path, content: bytes) -> None:
    """A new durable file; FileExistsError where there is one already."""
    draft = _write_draft(path, content)
    try:
        # Not rename(): it would replace a secret that another start has just made, and
        # copies may already name it.
        os.link(draft, path)
    finally:
        draft.unlink()
    sync_directory(path.parent)


def write_text(path: Path, content: str) -> None:
    """Replaces the file whole: a reader sees the old text or the new one, and so does
    the next start after a power cut.
    """
    # The new text is on the disk before it takes the name: a crash leaves the old one.
    _write_draft(path, content.encode()).replace(path)
    sync_directory(path.parent)


def rename_folder(draft: Path, folder: Path) -> None:
    """Give *draft*, whole and durable, its final name."""
    draft.rename(folder)
    sync_directory(folder.parent)


def remove(path: Path) -> None:
    """A file or a folder, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def flush_below(folder: Path) -> None:
    """What other programs have just made below *folder*: each file, each directory."""
    for directory, _, names in os.walk(folder):
        for name in names:
            _flush(Path(directory) / name)
        sync_directory(Path(directory))


def close_to_others(var: Path) -> None:
    """Nobody but the owner reads or writes anything in *var*; also what an earlier
    version left open. Raises CannotStart for what belongs to another account.
    """
    _close(var)
    for directory, folders, names in os.walk(var):
        for name in (*folders, *names):
            _close(Path(directory) / name)


def _close(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)
    except FileNotFoundError:
        return  # another command's draft
    except PermissionError as error:
        raise CannotStart(
            f"{path} thuộc về tài khoản khác trên máy này nên không khóa lại được:"
            f" đổi chủ sở hữu của nó (chown) rồi chạy lại.",
            f"{path} belongs to another account of this machine and cannot be closed:"
            f" change its owner (chown) and run again.",
        ) from error


def _write_draft(path: Path, content: bytes) -> Path:
    """Write *content* durably beside *path*, and return where."""
    make_folder(path.parent)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    # Made with its mode, never opened wider and closed after: there is no moment in
    # which another account could open it.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(draft, flags, OWNER_ONLY), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _flush(path: Path) -> None:
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # a -wal or -shm that its database has just taken back
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
