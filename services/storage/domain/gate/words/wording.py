"""Every word that an order puts on its copy, as a person reads it.

A mirror of signing's ``domain/clause.py``, from the same order and by docs/dialect.md
§10.3; the two share no code.
"""

from dataclasses import dataclass
from typing import Final

from ecopy.events import CertificationOrdered

_GROUP: Final = 4
"""Characters of the verification code between two dashes."""
_EIGHTH: Final = 8


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands on the clause page and in the margins."""

    layout: str
    statement: str
    number: str
    book: str
    date: str
    place: str
    agency_lines: tuple[str, ...]
    title_lines: tuple[str, ...]
    officer: str
    code: str
    code_address: str
    """The address in the QR code."""
    check_address: str
    pages: int
    """Those of the original, and the clause page."""
    digest_lines: tuple[str, str]
    demo: bool


def wording(order: CertificationOrdered) -> Wording:
    clause, day = order.clause, order.clause.date
    host = order.public_host.rstrip("/")
    return Wording(
        layout=clause.template,
        statement=clause.statement,
        number=clause.number,
        book=clause.book,
        date=f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}",
        place=order.agency.place,
        agency_lines=order.agency.name_lines,
        title_lines=order.officer.title_lines,
        officer=order.officer.name,
        code="-".join(_parts(order.code, _GROUP)),
        code_address=f"{host}/k/{order.code}",
        check_address=f"{host.partition('://')[2] or host}/kiem-tra",
        pages=len(order.manifest) + 1,
        digest_lines=_digest_lines(order.original.sha256),
        demo=order.demo,
    )


def _digest_lines(digest: str) -> tuple[str, str]:
    eighths = _parts(digest, _EIGHTH)
    return " ".join(eighths[:4]), " ".join(eighths[4:])


def _parts(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]
