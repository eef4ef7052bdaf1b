"""The list of a backup's files with their digests, as ``sha256sum -c`` reads it too.

Start at ``check``.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart

LIST: Final = "SHA256SUMS"
BYTES_KEPT: Final = "surrogateescape"


class NotWhole(CannotStart):
    """A backup is not what was written: the sentence names the file."""


def write(folder: Path) -> None:
    """List every file below *folder*, in the order of their names."""
    (folder / LIST).write_bytes(_rendered(_digests(folder)))


def check(folder: Path) -> int:
    """Read every byte of the backup in *folder*; returns how many files it has.

    Raises NotWhole for the first file that is missing, differs, or is not listed.
    """
    found = _digests(folder)
    # Written once more and compared byte by byte, so that not even a line's end in the
    # list may differ; which file it was is only looked for after that.
    if _read(folder) == _rendered(found):
        return len(found)
    raise _difference(folder, found)


def digest(path: Path) -> str:
    """The file's SHA-256, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(folder: Path) -> dict[str, str]:
    """Name → digest of each file below *folder* but the list, in order."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    own = folder / LIST
    return {
        path.relative_to(folder).as_posix(): digest(path)
        for path in files
        if path != own
    }


def _rendered(digests: Mapping[str, str]) -> bytes:
    lines = (_line(name, found) for name, found in digests.items())
    # A scanner may name a file in another encoding: Python then has its bytes so.
    return "".join(lines).encode(errors=BYTES_KEPT)


def _line(name: str, found: str) -> str:
    """A name of two lines is escaped as sha256sum does it."""
    if "\n" not in name:
        return f"{found}  {name}\n"
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n")
    return f"\\{found}  {escaped}\n"


def _read(folder: Path) -> bytes:
    try:
        return (folder / LIST).read_bytes()
    except FileNotFoundError as error:
        raise _not_whole(folder / LIST, "không còn", "is missing") from error


def _difference(folder: Path, found: Mapping[str, str]) -> NotWhole:
    """The sentence on the first file in which *found* and the list differ."""
    lines = _read(folder).decode(errors=BYTES_KEPT).split("\n")
    listed = {
        name: digest for digest, _, name in (line.partition("  ") for line in lines)
    }
    listed.pop("", None)  # behind the last line
    # Names as they are listed: what is escaped there is compared escaped.
    given = (_line(name, it).partition("  ") for name, it in found.items())
    found = {name.removesuffix("\n"): digest for digest, _, name in given}
    for name in sorted(listed.keys() | found.keys()):
        if name not in listed:
            vi, en = f"không có trong {LIST}", f"is not listed in {LIST}"
            return _not_whole(folder / name, vi, en)
        if name not in found:
            return _not_whole(folder / name, "không còn", "is missing")
        if found[name] != listed[name]:
            en = "has other bytes than were written"
            return _not_whole(folder / name, "đã bị thay đổi", en)
    return _not_whole(folder / LIST, "đã bị thay đổi", "was changed")


def _not_whole(place: Path, vi: str, en: str) -> NotWhole:
    # Every terminal can show it, whatever bytes are in the name.
    path = os.fsencode(place).decode(errors="replace")
    return NotWhole(
        f"Bản sao lưu không nguyên vẹn: tệp {path} {vi}. Chưa phục hồi gì; hãy dùng"
        f" một bản sao lưu khác.",
        f"The backup is not whole: the file {path} {en}. Nothing was restored; use"
        f" another backup.",
    )
