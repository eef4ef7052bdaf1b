"""Grounds to refuse (Nghị định 23/2015 art. 22 and others) and what follows."""

from enum import StrEnum
from typing import Final

from intake.domain.states import Move


class Ground(StrEnum):
    ALTERED = "D22.1"
    UNREADABLE = "D22.2"
    CONFIDENTIAL = "D22.3"
    UNLAWFUL = "D22.4"
    NOT_LEGALISED = "D22.5"
    SELF_MADE = "D22.6"
    NOT_ORIGINAL = "D18"
    INCOMPLETE = "TT10"
    FORGERY = "TT11"
    NOT_PRESENTED = "D20"
    ELECTRONIC = "DTU"
    WITHDRAWN = "RUT"


HELD: Final = frozenset({Ground.UNLAWFUL, Ground.FORGERY})
"""Held for report instead of handed back."""


def consequence(ground: Ground) -> Move:
    return Move.HOLD if ground in HELD else Move.REFUSE
