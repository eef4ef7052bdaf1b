"""The worker locks itself in before it opens a stranger's file.

Resource limits (setrlimit(2)), a timer that kills, Landlock round the file system
(``landlock``), and a list of the system calls that it keeps (``calls``): none of them
needs a privilege, so they hold in a container, too. Where the machine permits, an empty
network namespace and an account of its own (``accounts``) stand behind them. Start at
``confine``.
"""

import ctypes
import os
import resource
import signal
import struct
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis import accounts, calls, landlock
from chassis.libc import LIBC

CONFINED: Final = "confined"
"""The worker leaves a file or directory of this name when it is locked in; only then
does it open the stranger's file."""
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_CAPABILITY_VERSION: Final = 0x20080522
_CAPABILITY_BYTES: Final = 24
_CAP_DAC_READ_SEARCH: Final = 1 << 2
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_LINKED: Final = ("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache")
"""Where the C library looks for what a Python module was linked with."""
_RANDOM: Final = ("/dev/urandom", "/dev/random")
"""What qpdf asks before it opens any encrypted file."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the worker may use of this machine, enforced by the kernel."""

    address_space_bytes: int
    """Beside what the process has at that moment: which modules are imported by then is
    not the file's matter."""
    cpu_seconds: int
    wall_seconds: float
    written_bytes: int
    """The largest file that it can write."""
    open_files: int
    threads: bool = False
    """Whether it may start threads, which stand behind the same walls."""


class NotConfined(Exception):
    """The kernel grants no wall: the file stays closed."""


def confine(bounds: Bounds, *, readable: Iterable[Path], writable: Path) -> None:
    """From here on: bounded, mute, alone, and without any file but these.

    ``writable`` is a directory. On a kernel without Landlock the files stay in reach:
    whether that is accepted the service asks at its start (``lacking``).
    """
    # Landlock and the filter hold for the thread that asks and those it starts later.
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise NotConfined("a second thread would stay outside")
    taken, granted = _address_space(), tuple(readable)
    try:
        outside = _is_done("unshare", _CLONE_NEWNET)
        if accounts.can_change():
            accounts.change(granted, writable)
        elif not outside:
            # Its own user namespace gives the right to leave; who has another account
            # may not enter one, where reading the service's files is no right any more.
            _is_done("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
        _give_up_privileges()
        if landlock.version():
            landlock.restrict(granted, writable)
        _bound(bounds, taken)
        # Last: the list has none of the calls that the walls before it are made with.
        calls.filter_calls(threads=bounds.threads)
    except (OSError, KeyError) as error:
        raise NotConfined(str(error)) from error


def lacking() -> tuple[str, ...]:
    """The walls that this kernel does not give, by name: without one of them a worker
    is in reach of what the service is in reach of.
    """
    walls = {"seccomp": calls.can_filter(), "landlock": landlock.version() > 0}
    return tuple(name for name, stands in walls.items() if not stands)


def lacking_behind() -> tuple[str, ...]:
    """What this machine does not give of the walls that stand behind those."""
    walls = {
        "network namespace": _can_leave_the_network(),
        "own account": accounts.can_change(),
    }
    return tuple(name for name, stands in walls.items() if not stands)


def libraries() -> tuple[Path, ...]:
    """Where imports come from, to read: Python, its packages, and our own code.

    Not ``sys.path``: it may name the folder in which the keys lie.
    """
    ours = Path(__file__).parents[1]
    installed = sysconfig.get_paths()
    found = [installed[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    return (ours, *map(Path, (*dict.fromkeys(found), *_LINKED, *_RANDOM)))


def _address_space() -> int:
    """Bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _bound(bounds: Bounds, taken: int) -> None:
    most = {
        resource.RLIMIT_AS: taken + bounds.address_space_bytes,
        resource.RLIMIT_CPU: bounds.cpu_seconds,
        resource.RLIMIT_FSIZE: bounds.written_bytes,
        resource.RLIMIT_NOFILE: bounds.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if not bounds.threads:
        # The filter takes fork away; this is a second lock, for every uid but 0. The
        # kernel counts threads here as processes.
        most[resource.RLIMIT_NPROC] = 0
    for what, bound in most.items():
        resource.setrlimit(what, (bound, bound))
    # If the service dies, nobody else is left to watch the clock.
    signal.setitimer(signal.ITIMER_REAL, bounds.wall_seconds + 5)


def _can_leave_the_network() -> bool:
    """Tried by a child, since whoever leaves does not come back."""
    child = os.fork()
    if not child:
        left = _is_done("unshare", _CLONE_NEWNET)
        if not left and not accounts.can_change():
            left = _is_done("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
        os._exit(not left)
    return os.waitpid(child, 0)[1] == 0


def _give_up_privileges() -> None:
    """Root's capabilities go, or those that a new user namespace gave.

    All but one: root may run our code out of somebody's closed folder, and must still
    read there, under another account, too. Which files it may read at all, Landlock
    says.
    """
    head = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    had = ctypes.create_string_buffer(_CAPABILITY_BYTES)
    _ask_kernel("capget", head, had)
    _, permitted, *_ = struct.unpack("6I", had.raw)
    left = permitted & _CAP_DAC_READ_SEARCH
    _ask_kernel("capset", head, struct.pack("6I", left, left, 0, 0, 0, 0))
    _ask_kernel("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Not earlier: the kernel forgets both when credentials change. The first hides
    # this process from workers beside it, the second ends it with the service.
    _ask_kernel("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    _ask_kernel("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _is_done(name: str, *words: int) -> bool:
    """Best effort: whether the kernel did it."""
    done: int = LIBC[name](*words)
    return done == 0


def _ask_kernel(name: str, *words: int | bytes | ctypes.Array[ctypes.c_char]) -> None:
    if LIBC[name](*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
