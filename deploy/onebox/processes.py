"""What a child process does so that it never outlives the onebox."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def dying_with_parent(
    number: signal.Signals = signal.SIGTERM,
) -> Callable[[], None]:
    """Make a ``preexec_fn`` by which the kernel sends the child *number* when this
    process, which makes it, ends (Linux; nothing elsewhere).

    Safe between fork and exec of a parent with one thread: two system calls.
    """
    parent = os.getpid()
    return lambda: end_with(parent, number)


def end_with(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel for *number* when *parent* ends; end now if it has."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    # A parent that was killed between the fork and the line above sends nothing any
    # more, and the child would stay for ever.
    if os.getppid() != parent:
        os._exit(1)
