"""Make every write below directories wait for the disk: ``durable.py DIRECTORY…``.

versitygw never calls fsync: after a power cut 0 of 20 acknowledged objects were left;
with the flags SYNC and DIRSYNC (``chattr +S +D``) on its directories 20 of 20. New
directories inherit them; those that a restore brought have none, so that each one below
is looked at, at every start. Works without a capability on a volume that this user
owns; the file system must know the flags (ext4, not overlayfs, not NFS).

Refuses, exit 1, where they cannot be set, unless ``--durable-by-itself`` says that the
operator vouches for the store (a controller with a battery, a synchronous mount).
"""  # noqa: INP001 - a script of the image

import argparse
import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

GET_FLAGS: Final = 0x80086601
SET_FLAGS: Final = 0x40086602
SYNC: Final = 0x8
DIRSYNC: Final = 0x10000
BOTH: Final = SYNC | DIRSYNC


def make_all_durable(top: Path) -> Iterator[Path]:
    """Every directory from *top* on; yields those where it could not be done. The ones
    above come first, so that whatever is made meanwhile inherits.
    """
    for directory, _, _ in os.walk(top, onerror=_raise):
        if not make_durable(Path(directory)):
            yield Path(directory)


def make_durable(directory: Path) -> bool:
    """Set both flags and read them back; False where the file system has none."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flags = _flags(opened)
        if flags & BOTH == BOTH:
            return True
        fcntl.ioctl(opened, SET_FLAGS, struct.pack("l", flags | BOTH))
        return _flags(opened) & BOTH == BOTH
    except OSError as error:
        sys.stderr.write(f"{directory}: {error.strerror}\n")
        return False
    finally:
        os.close(opened)


def _raise(error: OSError) -> None:
    """A directory that cannot be read is no directory that needs nothing."""
    raise error


def _flags(opened: int) -> int:
    answer = fcntl.ioctl(opened, GET_FLAGS, struct.pack("l", 0))
    return int(struct.unpack("l", answer)[0])


def main() -> int:
    parser = argparse.ArgumentParser(prog="durable.py", description=__doc__)
    parser.add_argument("directories", type=Path, nargs="+")
    parser.add_argument("--durable-by-itself", action="store_true")
    needs = parser.parse_args()
    lost = [each for top in needs.directories for each in make_all_durable(top)]
    for directory in lost:
        sys.stderr.write(
            f"{directory}: acknowledged objects may be lost in a power cut. Put the"
            " volume on ext4, or set ECOPY_STORE_DURABLE=1 if the store is durable by"
            " itself\n"
        )
    return 1 if lost and not needs.durable_by_itself else 0


if __name__ == "__main__":
    sys.exit(main())
