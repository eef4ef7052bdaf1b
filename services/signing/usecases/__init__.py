"""Signing's use cases. Start at ``certifying.certify``: how a copy is made, from top to
bottom. ``endings`` is what storage's answers do to a copy that was made, ``news`` what
the desk hears while none comes out.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ecopy.events import (
    CertificationClosed,
    CertificationOrdered,
    CopyArchived,
    CopyRejected,
)
from ecopy.refusals import Refusal, Setback
from signing.usecases.certifying import certify
from signing.usecases.endings import close, note_archived, withdraw
from signing.usecases.news import delay, halt

__all__ = [
    "Signing",
    "certify",
    "close",
    "delay",
    "halt",
    "note_archived",
    "withdraw",
]


@dataclass(frozen=True, slots=True)
class Signing:
    """The service's use cases, bound to their adapters by ``wiring``."""

    certify: Callable[[CertificationOrdered], Awaitable[None]]
    halt: Callable[[CertificationOrdered, Refusal], Awaitable[None]]
    delay: Callable[[CertificationOrdered, Setback], Awaitable[None]]
    note_archived: Callable[[CopyArchived], Awaitable[None]]
    withdraw: Callable[[CopyRejected], Awaitable[None]]
    close: Callable[[CertificationClosed], Awaitable[None]]
