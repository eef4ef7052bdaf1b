"""The list of a backup's files with their digests, as ``sha256sum -c`` reads it too.

Start at ``check``.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart

LIST: Final = "SHA256SUMS"
DIGEST_DIGITS: Final = 64
CHUNK: Final = 1 << 20


class NotWhole(CannotStart):
    """A backup is not what was written: the sentence names the file."""


def write(folder: Path) -> None:
    """List every file below *folder*, in the order of their names."""
    lines = [f"{digest(path)}  {name}\n" for name, path in _files(folder)]
    (folder / LIST).write_text("".join(lines), "utf-8")


def check(folder: Path) -> int:
    """Read every byte of the backup in *folder*; returns how many files it has.

    Raises NotWhole for the first file that is missing, differs, or is not listed.
    """
    listed = _listed(folder)
    found = dict(_files(folder))
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            raise _not_whole(folder / name, "không còn", "is missing")
        if name not in listed:
            raise _not_whole(
                folder / name, f"không có trong {LIST}", f"is not listed in {LIST}"
            )
        if digest(found[name]) != listed[name]:
            raise _not_whole(
                folder / name, "đã bị thay đổi", "has other bytes than were written"
            )
    return len(found)


def digest(path: Path) -> str:
    """The file's SHA-256, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / LIST:
            yield path.relative_to(folder).as_posix(), path


def _listed(folder: Path) -> dict[str, str]:
    """Name → digest. Raises NotWhole for a list that is not one."""
    path = folder / LIST
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise _not_whole(path, "không còn", "is missing") from error
    except UnicodeDecodeError as error:
        raise _not_whole(path, "đã bị thay đổi", "was changed") from error
    listed = dict(_entry(path, line) for line in lines)
    if len(listed) != len(lines) or not listed:
        raise _not_whole(path, "đã bị thay đổi", "was changed")
    return listed


def _entry(path: Path, line: str) -> tuple[str, str]:
    found, separator, name = line.partition("  ")
    if len(found) != DIGEST_DIGITS or not separator or not name:
        raise _not_whole(path, f"có dòng lạ: {line[:80]}", f"has a line {line[:80]!r}")
    return name, found


def _not_whole(path: Path, vi: str, en: str) -> NotWhole:
    return NotWhole(
        f"Bản sao lưu không nguyên vẹn: tệp {path} {vi}. Chưa phục hồi gì; hãy dùng"
        f" một bản sao lưu khác.",
        f"The backup is not whole: the file {path} {en}. Nothing was restored; use"
        f" another backup.",
    )
