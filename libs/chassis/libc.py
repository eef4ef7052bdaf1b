"""The C library of this process, for the calls that Python has no words for.

Opened once: a worker makes some thirty of them before it opens its file, and each
opening took 0.1 ms of it.
"""

import ctypes
from typing import Final

LIBC: Final = ctypes.CDLL(None, use_errno=True)
