"""Value types named as the field names them (docs/vocabulary.md)."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

AGENCY_CODE: Final = r"[A-Z]\d{2}(?:\.\d{2,3})*"

AgencyCode = Annotated[str, StringConstraints(pattern=rf"^{AGENCY_CODE}$")]
"""An agency as of one day, e.g. ``H26.42.05.13``."""

EntryId = Annotated[
    str, StringConstraints(pattern=rf"^{AGENCY_CODE}/[EP]/\d{{4}}/[1-9]\d{{0,8}}$")
]
"""A line of the register: ``<agency>/<series>/<year>/<ordinal>``. The key of
everything; unique over all agencies of a deployment, never reused."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""Lower-case hex digest."""

CODE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base32: no I, L, O or U."""
# 60 random bits: short enough to be typed from paper, too many to be found by trying.
CODE_LENGTH: Final = 12
# What people read off paper in place of a digit; U is left out of the alphabet so that
# no word comes about.
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})


def parse_code(text: str) -> str:
    """A verification code as people type it, to its 12 characters.

    Case, spaces and hyphens do not matter; I and L are read as 1, O as 0.
    Raises ValueError for anything else.
    """
    # The dash, too: word processors make one of a hyphen.
    plain = re.sub(r"[\s\-–]", "", text).upper().translate(_MISREAD)
    if len(plain) != CODE_LENGTH or not set(plain) <= set(CODE_ALPHABET):
        raise ValueError("not a verification code")
    return plain


def format_code(code: str) -> str:
    """``7K2F9MQX4TBD`` as shown to people: ``7K2F-9MQX-4TBD``."""
    return "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def code_from(number: int) -> str:
    """60 random bits as a verification code."""
    return "".join(CODE_ALPHABET[number >> 5 * i & 31] for i in range(CODE_LENGTH))


VerificationCode = Annotated[str, AfterValidator(parse_code)]
"""12 characters of Crockford base32, stored without hyphens."""


def entry_id(agency: str, year: int, ordinal: int, series: str = "E") -> str:
    return f"{agency}/{series}/{year}/{ordinal}"


class ObjectRef(BaseModel):
    """Where an object lies and which bytes it must be."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    bucket: str
    key: str
    sha256: Sha256
    size: int
    """Bytes."""
    media_type: str
