"""Landlock: a process gives up, for good, every file but the ones that it names.

The three calls of landlock(7) by ctypes: no privilege is needed, and a container's
default profile lets them through. What the process has open already stays open. Start
at ``restrict``.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chassis.libc import LIBC

_CREATE: Final = 444
_ADD: Final = 445
_RESTRICT: Final = 446
"""The same numbers on every architecture: they came after the tables were joined."""
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_REMOVE_FILE: Final = 1 << 5
_MAKE_DIR: Final = 1 << 7
_MAKE_REG: Final = 1 << 8
_TRUNCATE: Final = 1 << 14
_FILE_RIGHTS: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE
"""A rule for a single file may name no other right."""
READING: Final = _READ_FILE | _READ_DIR
WORKING: Final = (
    READING | _WRITE_FILE | _TRUNCATE | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG
)
"""No links, sockets or devices: the service would meet them when it reads there."""

_RIGHTS: Final = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From which version on, how many of the lowest bits are rights over files."""
_TCP: Final = (4, 0b11)
"""From version 4 on: to bind and to connect."""
_SCOPES: Final = (6, 0b11)
"""From version 6 on: abstract sockets and signals of processes outside."""


class NoLandlock(OSError):
    """The kernel has Landlock, but did not grant what was asked of it."""


def version() -> int:
    """Which one the kernel offers, 0 for none: too old, switched off or filtered."""
    offered: int = LIBC.syscall(_CREATE, None, 0, _ASK_VERSION)
    return max(0, offered)


def restrict(readable: Iterable[Path], writable: Path) -> None:
    """From here on: no file but these and what lies beneath them, no TCP, no signal
    to others. ``no_new_privs`` must be set. A path that is not there grants nothing.
    """
    offered = version()
    handled = (1 << max(bits for since, bits in _RIGHTS if offered >= since)) - 1
    rules = _call_kernel(_CREATE, *_attributes(offered, handled), 0)
    try:
        for path in readable:
            _grant(rules, path, READING & handled)
        _grant(rules, writable, WORKING & handled)
        # From this call on there is no way back, for this process and all that it
        # starts.
        _call_kernel(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _attributes(offered: int, handled: int) -> tuple[bytes, int]:
    """``struct landlock_ruleset_attr``; an older kernel knows fewer of its fields."""
    later = (bits for since, bits in (_TCP, _SCOPES) if offered >= since)
    fields = (handled, *later)
    packed = struct.pack(f"{len(fields)}Q", *fields)
    return packed, len(packed)


def _grant(rules: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        # The kernel refuses a rule that gives a file a right which only folders have.
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _FILE_RIGHTS
        _call_kernel(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call_kernel(*words: int | bytes) -> int:
    answer: int = LIBC.syscall(*words)
    if answer < 0:
        number = ctypes.get_errno()
        raise NoLandlock(number, os.strerror(number))
    return answer
