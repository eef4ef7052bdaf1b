"""Case codes, the register's numbers, verification codes and link tokens."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecopy import identifiers

CASE_CODE: Final = re.compile(
    r"^(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{2,3})*-\d{6}-\d{4,7}$"
)
"""A case code as accepted on input; ours is ``<agency>-YYMMDD-NNNN``."""
DOCUMENT_ID: Final = re.compile(rf"^({CASE_CODE.pattern[1:-1]})-([1-9]\d?)$")
ELECTRONIC: Final = "E"
TOKEN_BYTES: Final = 20
CODE_BITS: Final = 60
LAST_CASE_OF_DAY: Final = 9_999_999


def case_code(agency: str, day: date, ordinal: int) -> str:
    """``H99.42.05.13-261122-0007``; ValueError if it would not be accepted back."""
    if not 1 <= ordinal <= LAST_CASE_OF_DAY:
        raise ValueError(f"no case {ordinal} in a day")
    return f"{agency}-{day:%y%m%d}-{ordinal:04d}"


def short_code(code: str) -> str:
    """``261122-0007``: enough on the agency's own board."""
    return "-".join(code.split("-")[-2:])


def document_id(case: str, ordinal: int) -> str:
    return f"{case}-{ordinal}"


def split_document_id(document: str) -> tuple[str, int]:
    """The case's code and the paper's ordinal; ValueError for anything else."""
    match = DOCUMENT_ID.match(document)
    if match is None:
        raise ValueError("not a document's id")
    return match[1], int(match[2])


@dataclass(frozen=True, slots=True)
class RegisterBook:
    """A register book: its texts for people. Numbering runs through the year."""

    ordinal: int
    number_format: str = "{number}/{year}"
    book_format: str = "{book:02d}/{year}-SCTĐT/BS"

    def number(self, ordinal: int, year: int) -> str:
        """``1180/2026``."""
        return self.number_format.format(number=ordinal, year=year)

    def name(self, year: int) -> str:
        """``02/2026-SCTĐT/BS``."""
        return self.book_format.format(book=self.ordinal, year=year)


def next_ordinal(highest: int | None) -> int:
    """Continuous from 1; a number once given is never reused."""
    return (highest or 0) + 1


def draw_code(random_bits: Callable[[int], int]) -> str:
    """A verification code of 60 random bits."""
    return identifiers.code_from(random_bits(CODE_BITS))


def link_token(key: bytes, entry: str, generation: int) -> str:
    """The capability to download: ``HMAC-SHA-256(key, entry ‖ 0x00 ‖ generation)``.

    160 bits, base64url, 27 characters. No table holds it: it is computed again.
    """
    message = entry.encode() + b"\x00" + str(generation).encode()
    digest = hmac.digest(key, message, "sha256")
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode()


def token_sha256(token: str) -> str:
    """What storage knows of a link token."""
    return hashlib.sha256(token.encode()).hexdigest()
