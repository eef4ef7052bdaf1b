"""The system calls that a confined process still has, as a seccomp filter.

Whatever is not in the list fails with EPERM. The list is what the workers were seen to
use over the whole corpus (strace), and what another C library or Python uses instead.
Numbers are the kernel's: arch/x86/entry/syscalls/syscall_64.tbl for x86_64,
include/uapi/asm-generic/unistd.h for aarch64, where older calls are absent. Start at
``filter_calls``.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass
from typing import Final

from chassis.libc import LIBC

_PR_GET_SECCOMP: Final = 21
_PR_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | errno.EPERM
_X32: Final = 0x40000000
"""Numbers from here on are x86_64's second table, which nothing of ours uses."""
_WHOLE: Final = 0xFFFFFFFF
MACHINES: Final = ("x86_64", "aarch64")
_ARCHES: Final = (0xC000003E, 0xC00000B7)

_OPEN_FLAGS: Final = os.O_ACCMODE | os.O_TRUNC
_TCGETS: Final = 0x5401
_FCNTL: Final = (0, 1, 2, 3, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC. Not F_SETOWN, which has the
kernel send signals to whom one likes; no leases and no locks."""

ALLOWED: Final[dict[str, tuple[int | None, int | None]]] = {
    "read": (0, 63),
    "newfstatat": (262, 79),
    "lseek": (8, 62),
    "close": (3, 57),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "pread64": (17, 67),
    "brk": (12, 214),
    "write": (1, 64),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "statx": (332, 291),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "getdents64": (217, 61),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "getcwd": (79, 17),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "fadvise64": (221, 223),
    "sendfile": (40, 71),
    "copy_file_range": (326, 285),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
    # Only with the arguments below.
    "open": (2, None),
    "openat": (257, 56),
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "prlimit64": (302, 261),
    "tgkill": (234, 131),
}


@dataclass(frozen=True, slots=True)
class Word:
    """Half of an argument of a call, and what it may be under a mask."""

    argument: int
    values: tuple[int, ...]
    mask: int = _WHOLE
    upper: bool = False

    @property
    def offset(self) -> int:
        """In ``struct seccomp_data``, on a little-endian machine."""
        return 16 + 8 * self.argument + 4 * self.upper


_CLONE3: Final = (435, 435)
_ABSENT: Final = 0x00050000 | errno.ENOSYS
"""What the C library is told of clone3, whose flags no filter can see: it takes clone
instead."""
_THREADS: Final[dict[str, tuple[int | None, int | None]]] = {"clone": (56, 220)}
_THREAD_FLAGS: Final = 0x3D0F00
"""What pthread_create(3) asks for: CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM,
_SETTLS, _PARENT_SETTID, _CHILD_CLEARTID. Nothing with them is a process."""
_DETACHED: Final = 0x400000
"""Without meaning since Linux 2.6; musl sets it."""
_THREAD_ONLY: Final = {
    "clone": (
        Word(0, (_THREAD_FLAGS,), _WHOLE ^ _DETACHED),
        Word(0, (0,), upper=True),
    )
}


def conditions(pid: int) -> dict[str, tuple[Word, ...]]:
    """What must hold of the calls that could reach further than the process itself."""
    # Before version 3 Landlock lets a file be emptied that may only be read.
    writes = (os.O_WRONLY, os.O_RDWR)
    flags = (0, *writes, *(mode | os.O_TRUNC for mode in writes))
    return {
        "open": (Word(1, flags, _OPEN_FLAGS),),
        "openat": (Word(2, flags, _OPEN_FLAGS),),
        "ioctl": (Word(1, (_TCGETS,)),),
        "fcntl": (Word(1, _FCNTL),),
        # Its own limits, to read: root could raise them, and anyone could set the
        # service's.
        "prlimit64": (Word(0, (0,)), Word(2, (0,)), Word(2, (0,), upper=True)),
        # abort(3) ends a process by a signal to itself.
        "tgkill": (Word(0, (pid,)),),
    }


def program(machine: str, pid: int, *, threads: bool = False) -> bytes:
    """Classic BPF over ``struct seccomp_data``: nr at 0, arch at 4 (seccomp(2)).

    ``threads`` may be started then: they stand behind the same walls, and a process is
    still none of theirs. KeyError for a machine whose numbers are not here.
    """
    column = dict(zip(MACHINES, range(len(MACHINES)), strict=True))[machine]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    lines = [
        (load, 0, 0, 4),
        (equal, 1, 0, _ARCHES[column]),
        (answer, 0, 0, _KILL),
        (load, 0, 0, 0),
        (at_least, 0, 1, _X32),
        (answer, 0, 0, _KILL),
    ]
    limited = conditions(pid) | _THREAD_ONLY
    if threads:
        lines += [(equal, 0, 1, _CLONE3[column]), (answer, 0, 0, _ABSENT)]
    for name, numbers in (ALLOWED | (_THREADS if threads else {})).items():
        number = numbers[column]
        if number is None:
            continue
        block = _argument_checks(limited.get(name, ()))
        lines += [(equal, 0, len(block), number), *block]
    lines.append((answer, 0, 0, _REFUSE))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _argument_checks(words: tuple[Word, ...]) -> list[tuple[int, int, int, int]]:
    load, also, equal, answer = 0x20, 0x54, 0x15, 0x06
    lines: list[tuple[int, int, int, int]] = []
    for word in words:
        count = len(word.values)
        lines += [(load, 0, 0, word.offset), (also, 0, 0, word.mask)]
        lines += [
            (equal, count - place, 0, value) for place, value in enumerate(word.values)
        ]
        lines.append((answer, 0, 0, _REFUSE))
    return [*lines, (answer, 0, 0, _ALLOW)]


def can_filter() -> bool:
    """Whether this kernel has such filters and this machine's numbers are here."""
    mode: int = LIBC.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0)
    return mode >= 0 and platform.machine() in MACHINES


def filter_calls(*, threads: bool = False) -> None:
    """From here on this process has the calls of the list alone, and where ``threads``
    is so, threads that have no more. OSError if not.
    """
    code = program(platform.machine(), os.getpid(), threads=threads)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    if LIBC.prctl(_PR_SET_SECCOMP, _FILTER_MODE, head, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no seccomp filter")
