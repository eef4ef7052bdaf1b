"""What an exploit in a confined worker would try; each deed succeeds or raises OSError.

Imported into the worker before it locks itself in; called where it would read a
stranger's file. ``Bait`` says where that which it wants lies.
"""

# Each deed is the plain call that it names.
# ruff: noqa: PTH101, PTH104, PTH108, PTH123, PTH208, PTH211
import ctypes
import errno
import fcntl
import os
import platform
import resource
import signal
import socket
import stat
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

NUMBERS = {
    # x86_64, aarch64: asm/unistd_64.h and asm-generic/unistd.h
    "clone": (56, 220),
    "clone3": (435, 435),
    "fork": (57, None),
    "vfork": (58, None),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "setpgid": (109, 154),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "rt_sigqueueinfo": (129, 138),
    "kcmp": (312, 272),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "open_by_handle_at": (304, 265),
    "openat2": (437, 437),
    "prctl": (157, 167),
    "capset": (126, 91),
    "seccomp": (317, 277),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    "process_madvise": (440, 440),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
COLUMN = ("x86_64", "aarch64").index(platform.machine())


@dataclass(frozen=True)
class Bait:
    """What belongs to the service; the worker has the same account."""

    secret: str
    source: str
    """The stranger's file, which the worker may read."""
    folder: str
    database: str
    parent: int
    address: int
    """Of a word in the parent's memory."""
    descriptor: int
    """Of the parent: an open connection."""
    abstract: str
    socket: str
    port: int


def call(name: str, *words: object) -> None:
    """One system call by number, past whatever the C library makes of it."""
    number = NUMBERS[name][COLUMN]
    if number is None:
        raise OSError(errno.ENOSYS, name)
    libc = ctypes.CDLL(None, use_errno=True)
    # Whole words: ctypes passes an int as 32 bits. The sixth argument goes on the
    # stack, where the other half is what lay there: process_vm_readv read flags that
    # do not exist, and now and then answered EINVAL.
    whole = (ctypes.c_long(word) if isinstance(word, int) else word for word in words)
    answer = libc.syscall(ctypes.c_long(number), *whole)
    if answer == 0 and name in ("fork", "vfork", "clone", "clone3"):
        os._exit(0)
    if answer < 0:
        raise OSError(ctypes.get_errno(), name)


def memory(bait: Bait, name: str) -> None:
    word = ctypes.create_string_buffer(8)
    here = struct.pack("PN", ctypes.addressof(word), 8)
    there = struct.pack("PN", bait.address, 8)
    call(name, bait.parent, here, 1, there, 1, 0)


def connect(family: int, address: object) -> None:
    with socket.socket(family) as line:
        line.connect(address)


def lock(path: str) -> None:
    with open(path, "r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)


def written(path: str, mode: str = "w") -> None:
    with open(path, mode) as file:
        file.write("x")


def own_signals() -> None:
    """Has the kernel signal the parent whenever a file of one's own is ready."""
    with open("own", "wb") as file:
        fcntl.fcntl(file, fcntl.F_SETOWN, os.getppid())


def inherited() -> None:
    """Whatever is open besides the standard three and plain files of the worker."""
    for number in range(3, 64):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        if not stat.S_ISREG(mode):
            return
    raise OSError(errno.EBADF, "nothing inherited")


def deeds(bait: Bait) -> dict[str, Callable[[], object]]:
    """By name. Each would harm the service or leave the cell.

    None harms this machine where the cell fails: what belongs to no bait is only
    opened, or asked for with arguments that the kernel refuses in its own way.
    """
    parent = bait.parent
    return {
        "read a key": lambda: Path(bait.secret).read_bytes(),
        "read the password file": lambda: Path("/etc/passwd").read_bytes(),
        "list the folder": lambda: os.listdir(bait.folder),
        "open the database": lambda: open(bait.database, "rb").close(),
        "lock the database": lambda: lock(bait.database),
        "write beside": lambda: written(f"{bait.folder}/new"),
        "append to a key": lambda: written(bait.secret, "a"),
        "empty a key": lambda: os.truncate(bait.secret, 0),
        "empty it by reading": lambda: os.open(bait.secret, os.O_TRUNC),
        "empty what may be read": lambda: os.open(bait.source, os.O_TRUNC),
        "write what may be read": lambda: written(bait.source, "a"),
        "change our own code": lambda: open(__file__, "r+b").close(),
        "remove a key": lambda: os.unlink(bait.secret),
        "rename a key": lambda: os.rename(bait.secret, "stolen"),
        "link a key": lambda: os.link(bait.secret, "stolen"),
        "point to a key": lambda: os.symlink(bait.secret, "report"),
        "open a key's mode": lambda: os.chmod(bait.secret, 0o666),
        "give a key away": lambda: os.chown(bait.secret, 1, 1),
        "date a key": lambda: os.utime(bait.secret, (0, 0)),
        "mark a key": lambda: os.setxattr(bait.secret, "user.x", b"x"),
        "make a pipe": lambda: os.mkfifo("pipe"),
        "read the parent's environment": lambda: Path(
            f"/proc/{parent}/environ"
        ).read_bytes(),
        "open the parent's memory": lambda: open(f"/proc/{parent}/mem", "rb").close(),
        "write the parent's memory": lambda: open(f"/proc/{parent}/mem", "r+b").close(),
        "see the parent's files": lambda: os.listdir(f"/proc/{parent}/fd"),
        "open the parent's file": lambda: open(
            f"/proc/{parent}/fd/{bait.descriptor}", "rb"
        ).close(),
        "read the parent's root": lambda: os.listdir(f"/proc/{parent}/root/"),
        "process_vm_readv": lambda: memory(bait, "process_vm_readv"),
        "process_vm_writev": lambda: memory(bait, "process_vm_writev"),
        "ptrace": lambda: call("ptrace", 0x4206, parent, 0, 0),
        "kcmp": lambda: call("kcmp", os.getpid(), parent, 0, 0, 0),
        "process_madvise": lambda: call("process_madvise", 0, 0, 0, 0, 0),
        "pidfd_open": lambda: call("pidfd_open", parent, 0),
        "pidfd_getfd": lambda: call("pidfd_getfd", 0, bait.descriptor, 0),
        "pidfd_send_signal": lambda: call("pidfd_send_signal", 0, 0, None, 0),
        "signal the parent": lambda: os.kill(parent, 0),
        "signal everybody": lambda: os.kill(-1, 0),
        "tkill": lambda: call("tkill", parent, 0),
        "tgkill": lambda: call("tgkill", parent, parent, 0),
        "rt_sigqueueinfo": lambda: call(
            "rt_sigqueueinfo", parent, 0, struct.pack("32i", *range(32))
        ),
        "own a file's signals": own_signals,
        "limit the parent": lambda: _prlimit(parent),
        "raise one's own limits": lambda: _prlimit(0),
        "stop one's clock": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
        "outlive the service": lambda: call("prctl", 1, 0, 0, 0, 0),
        "slow the parent": lambda: call("setpriority", 0, parent, 0),
        "move the parent": lambda: call("sched_setaffinity", parent, 8, bytes(8)),
        "setsid": os.setsid,
        "setpgid": lambda: call("setpgid", 0, 0),
        "fork": lambda: call("fork"),
        "fork by Python": lambda: os.fork() or os._exit(0),
        "vfork": lambda: call("vfork"),
        "clone": lambda: call("clone", signal.SIGCHLD, 0, 0, 0, 0),
        "clone3": lambda: call("clone3", struct.pack("8Q", *(8 * [0])), 64),
        "a thread": lambda: call("clone", 0x50F00, 0, 0, 0, 0),
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "execveat": lambda: call("execveat", -100, b"/bin/true", None, None, 0),
        "memfd_create": lambda: call("memfd_create", b"x", 0),
        "a TCP socket": lambda: connect(socket.AF_INET, ("127.0.0.1", bait.port)),
        "a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "a raw socket": lambda: socket.socket(socket.AF_PACKET).close(),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "a unix socket": lambda: connect(socket.AF_UNIX, bait.socket),
        "an abstract socket": lambda: connect(socket.AF_UNIX, "\0" + bait.abstract),
        "socketpair": socket.socketpair,
        "shmget": lambda: call("shmget", 7, 0, 0),
        "msgget": lambda: call("msgget", 7, 0),
        "mq_open": lambda: call("mq_open", b"x", 0, 0, 0),
        "bpf": lambda: call("bpf", 0, bytes(64), 64),
        "userfaultfd": lambda: call("userfaultfd", 1),
        "unshare": lambda: call("unshare", 0x10000000),
        "setns": lambda: call("setns", 0, 0),
        "mount": lambda: call("mount", b"x", b"/", b"no such", 0, None),
        "umount2": lambda: call("umount2", bait.folder.encode(), 2),
        "pivot_root": lambda: call("pivot_root", b"/", b"/"),
        "chroot": lambda: call("chroot", b"."),
        "add_key": lambda: call("add_key", b"user", b"x", b"x", 1, -2),
        "keyctl": lambda: call("keyctl", 0, -3, 0, 0, 0),
        "perf_event_open": lambda: call("perf_event_open", bytes(128), 0, -1, -1, 0),
        "io_uring_setup": lambda: call("io_uring_setup", 1, bytes(120)),
        "open_by_handle_at": lambda: call("open_by_handle_at", -100, bytes(64), 0),
        "openat2": lambda: call("openat2", -100, b".", bytes(24), 24),
        "capset": lambda: call("capset", struct.pack("Ii", 0x20080522, 0), bytes(24)),
        "a filter of one's own": lambda: call("seccomp", 2, 0, bytes(4)),
        "another account": lambda: os.setresuid(1, 1, 1),
        "what was left open": inherited,
    }


def _prlimit(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def tried(bait: Bait, only: Collection[str] = ()) -> dict[str, str]:
    """Name → ``done``, or the name of the error that it met."""
    outcomes = {}
    for name, deed in deeds(bait).items():
        if only and name not in only:
            continue
        try:
            deed()
        except OSError as error:
            outcomes[name] = errno.errorcode.get(error.errno or 0, "?")
        else:
            outcomes[name] = "done"
    return outcomes
