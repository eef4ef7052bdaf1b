"""A PKCS#11 module in this process: loaded once, started and restarted.

PKCS#11 v3.1 section 5.4. ``python-pkcs11`` calls ``C_Initialize(NULL)``, by which an
application promises to use one thread only (SoftHSM then takes no lock at all). Here
many threads sign, so the module is started anew with ``CKF_OS_LOCKING_OK``. Start at
``Cryptoki``.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pkcs11
import structlog

from ecopy.refusals import Hindrance, Trouble

log = structlog.get_logger()

DRAIN_SECONDS: Final = 10.0
"""A restart waits so long for the calls that are still inside."""
_OS_LOCKING_OK: Final = 2
_OK, _NOT_INITIALIZED = 0, 0x190
_Call = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)


class _Functions(ctypes.Structure):
    """The C structure CK_FUNCTION_LIST, as far as it is needed."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 2),
        ("initialize", _Call),
        ("finalize", _Call),
    )


class _Arguments(ctypes.Structure):
    """The C structure CK_C_INITIALIZE_ARGS."""

    _fields_ = (
        ("mutexes", ctypes.c_void_p * 4),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


class Cryptoki:
    """A module file, loaded once. After a failing call the next caller restarts it,
    when nobody else is inside: sessions, handles and the list of tokens do not outlive
    an HSM that was restarted or pulled out. ``epoch`` counts the starts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Guards _inside, and the restart: C_Finalize while another thread is in a call
        # is undefined (PKCS#11 section 5.4). Held for the restart, not for calls: those
        # are counted. _sound is also cleared outside it, which at worst restarts once
        # more than needed.
        self._state = threading.Condition()
        self._inside = 0
        self._sound = False
        self.epoch = 0

    @contextmanager
    def inside(self) -> Iterator[Any]:
        """Give ``pkcs11.lib`` while the context lasts. Raises Trouble(KEYS) for every
        failing call in it.
        """
        self._enter()
        try:
            yield pkcs11.lib(str(self._path))
        except pkcs11.PKCS11Error as error:
            self._sound = False
            raise Trouble(
                Hindrance.KEYS, f"{self._path.name}: {_named(error)}"
            ) from error
        finally:
            with self._state:
                self._inside -= 1
                self._state.notify_all()

    def _enter(self) -> None:
        with self._state:
            while not self._sound:
                if not self._state.wait_for(self._is_free, DRAIN_SECONDS):
                    raise Trouble(Hindrance.KEYS, f"{self._path.name}: does not answer")
                if not self._sound:
                    self._restart()
            self._inside += 1

    def _is_free(self) -> bool:
        return self._sound or not self._inside

    def _restart(self) -> None:
        try:
            pkcs11.lib(str(self._path))
        except pkcs11.PKCS11Error as error:
            raise Trouble(
                Hindrance.KEYS, f"{self._path.name}: {_named(error)}"
            ) from error
        functions = _functions(self._path)
        arguments = _Arguments(flags=_OS_LOCKING_OK)
        ended = functions.finalize(None)
        begun = functions.initialize(ctypes.addressof(arguments))
        if ended not in (_OK, _NOT_INITIALIZED) or begun != _OK:
            raise Trouble(
                Hindrance.KEYS,
                f"{self._path.name}: {ended:#x}, {begun:#x} at start",
            )
        self.epoch += 1
        self._sound = True
        log.info("pkcs11_started", module=self._path.name, epoch=self.epoch)


@cache
def module(path: Path) -> Cryptoki:
    """The one object for a module file: a loaded module belongs to the process."""
    return Cryptoki(path)


def _functions(path: Path) -> Any:
    table = ctypes.POINTER(_Functions)()
    result = ctypes.CDLL(str(path)).C_GetFunctionList(ctypes.byref(table))
    if result != _OK:
        raise Trouble(Hindrance.KEYS, f"{path.name}: {result:#x}")
    return table.contents


def _named(error: pkcs11.PKCS11Error) -> str:
    return f"{type(error).__name__} {error}".strip()
