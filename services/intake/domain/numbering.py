"""When no number is given: signing or the archive know a higher one than the register.

The register was then put back from an older backup, and the numbers above it belong to
other people's copies (docs/decisions/0089). Pure; what was heard of the marks comes
from ``ports.Marks``. Start at ``stop``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ecopy.marks import Marks, YearBook
from intake.domain.states import NotAllowed

REGISTER_OLDER: Final = "error.register-older"


@dataclass(frozen=True, slots=True)
class MarksInForce:
    """The highest number of each book, as signing and storage have said."""

    answered: bool = False
    """Whether the bus has answered since this process began. Once it has, its later
    silence stops nobody: what was heard still holds."""
    missing: tuple[str, ...] = ()
    """Services that have never published any mark."""
    highest: Mapping[YearBook, int] = field(default_factory=dict)

    def with_answer(self, said: Mapping[str, Marks | None]) -> "MarksInForce":
        """These marks raised by an answer of the bus. A figure that was heard once is
        never lowered, and a service that was heard once is not missing again.
        """
        highest = dict(self.highest)
        for marks in said.values():
            for mark in marks.books if marks else ():
                known = highest.get(mark.book, 0)
                highest[mark.book] = max(known, mark.highest, mark.archived)
        before = self.missing if self.answered else tuple(said)
        missing = tuple(name for name in before if said.get(name) is None)
        return replace(self, answered=True, missing=missing, highest=highest)


@dataclass(frozen=True, slots=True)
class NumberingStop:
    """Why no number is given in a book now."""

    key: str
    """Names the sentence: ``error.register-older``."""
    values: Mapping[str, str | int] = field(default_factory=dict)


def stop(heard: MarksInForce, book: YearBook, ordinal: int) -> NumberingStop | None:
    """Why *ordinal* is not given in *book*; None where nothing speaks against it."""
    if not heard.answered:
        return NumberingStop("error.marks-silent")
    if heard.missing:
        names = ", ".join(heard.missing)
        return NumberingStop("error.marks-missing", {"service": names})
    known = heard.highest.get(book, 0)
    if ordinal > known:
        return None
    values: dict[str, str | int] = {
        "book": str(book),
        "number": ordinal - 1,
        "known": known,
    }
    return NumberingStop(REGISTER_OLDER, values)


def check_may_number(heard: MarksInForce, book: YearBook, ordinal: int) -> None:
    """Raises NotAllowed, so that the transaction that took *ordinal* is undone."""
    why = stop(heard, book, ordinal)
    if why is not None:
        raise NotAllowed(why.key, **why.values)


def first_stop(
    heard: MarksInForce, highest: Mapping[YearBook, int]
) -> NumberingStop | None:
    """Why no number is given in the first of these books that stands still. *highest*:
    the register's own highest number of each.
    """
    stops: Iterable[NumberingStop | None] = (
        stop(heard, book, number + 1) for book, number in sorted(highest.items())
    )
    return next((why for why in stops if why is not None), None)
