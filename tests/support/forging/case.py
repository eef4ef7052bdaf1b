"""A forged copy: what the gate is given, and the reason that must refuse it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ecopy.events import CertificationOrdered
from ecopy.trust import TrustDocument
from support.forging.copy import PINS, good
from support.forging.order import order
from support.forging.pki import Pki, ours, trust_document


@dataclass(frozen=True)
class Case:
    """What the gate is given."""

    data: bytes
    order: CertificationOrdered
    trust: TrustDocument


@dataclass(frozen=True)
class Forgery:
    name: str
    reason: str
    make: Callable[[], Case]

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


@cache
def sound() -> bytes:
    return good().write()


def case(data: bytes, pki: Pki | None = None, **changes: object) -> Case:
    pki = pki or ours()
    document = trust_document(pki, PINS)
    return Case(data, order(pki, **changes), document)


def ends(data: bytes) -> list[int]:
    return [found.end() for found in re.finditer(rb"%%EOF\n", data)]


def holes(data: bytes) -> list[tuple[int, int]]:
    """The hexadecimal of each CMS."""
    return [m.span(1) for m in re.finditer(rb"/Contents<([0-9a-f]{900,})>", data)]


def flip(data: bytes, at: int, mask: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
