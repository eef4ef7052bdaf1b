"""The story of a judgement: shape, order, revisions, signatures, revocation."""

from dataclasses import dataclass
from datetime import datetime
from mmap import mmap

from ecopy.events import CertificationOrdered
from ecopy.identifiers import Sha256
from storage.domain.gate.trust import Trust


@dataclass(frozen=True, slots=True)
class Passed:
    """What the gate has proven of a copy."""

    sha256: Sha256
    size: int
    pages: int
    """Of the copy: those of the original and the clause page."""
    officer_at: datetime
    """genTime of the token on the officer's signature."""
    seal_at: datetime


def gate(
    data: bytes | mmap, order: CertificationOrdered, trust: Trust, sealed_sha256: Sha256
) -> Passed:
    """Judge a sealed file against intake's order.

    ``sealed_sha256`` is the digest in ``copy.sealed``: no signature covers a B-LT
    file's last revision. Raises Refused and nothing else. CPU-bound, some 10 ms for
    3.5 MB: run it in a thread.
    """
    raise NotImplementedError
