"""The worker locks itself in before it opens a stranger's file.

Resource limits (setrlimit(2)), a timer that kills, and a seccomp filter that takes
away sockets and the starting of programs: it needs no privilege, so it also holds in
a container. Where the kernel permits, an empty network namespace stands behind it.
The file system is not walled off: the worker runs with the service's own rights there.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from dataclasses import dataclass
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_EPERM: Final = 0x00050001
"""SECCOMP_RET_ERRNO | EPERM."""
_X32: Final = 0x40000000
_MACHINES: Final[dict[str, tuple[int, tuple[int, ...]]]] = {
    # audit arch; socket, connect, socketpair, execve, execveat, ptrace, io_uring_setup
    "x86_64": (0xC000003E, (41, 42, 53, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 203, 199, 221, 281, 117, 425)),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the worker may use of this machine, enforced by the kernel."""

    address_space_bytes: int
    cpu_seconds: int
    wall_seconds: float
    written_bytes: int
    """The largest file that it can write."""
    open_files: int


class NotConfined(Exception):  # noqa: N818
    """The kernel grants no filter: the file stays closed."""


def confine(bounds: Bounds) -> None:
    """From here on: bounded, mute, and unable to start another program."""
    _bound(bounds)
    _leave_the_network()
    _filter_calls()


def _bound(bounds: Bounds) -> None:
    most = {
        resource.RLIMIT_AS: bounds.address_space_bytes,
        resource.RLIMIT_CPU: bounds.cpu_seconds,
        resource.RLIMIT_FSIZE: bounds.written_bytes,
        resource.RLIMIT_NOFILE: bounds.open_files,
        resource.RLIMIT_CORE: 0,
    }
    for what, bound in most.items():
        resource.setrlimit(what, (bound, bound))
    # If the service dies, nobody else is left to watch the clock.
    signal.setitimer(signal.ITIMER_REAL, bounds.wall_seconds + 5)


def _leave_the_network() -> None:
    """Best effort: root may at once, others through a user namespace if allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _filter_calls() -> None:
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise NotConfined(platform.machine())
    program = _program(*machine)
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise NotConfined(os.strerror(ctypes.get_errno()))
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0) != 0:
        raise NotConfined(os.strerror(ctypes.get_errno()))


def _program(arch: int, forbidden: tuple[int, ...]) -> bytes:
    """Classic BPF over ``struct seccomp_data``: nr at 0, arch at 4 (seccomp(2))."""
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    lines = [
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (answer, 0, 0, _KILL),
        (load, 0, 0, 0),
        (at_least, 0, 1, _X32),
        (answer, 0, 0, _KILL),
    ]
    for number in forbidden:
        lines += [(equal, 0, 1, number), (answer, 0, 0, _EPERM)]
    lines.append((answer, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *line) for line in lines)
