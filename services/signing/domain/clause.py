"""The words of the clause page, for people, as the approval froze them."""

from dataclasses import dataclass
from typing import Final

from ecopy.events import CertificationOrdered
from ecopy.identifiers import format_code
from ecopy.refusals import Reason, Refusal

CODE_PATH: Final = "/k/"
CHECK_PATH: Final = "/kiem-tra"
LONGEST_HOST: Final = len("https://") + 253 + len(":65535")
"""A name of 253 octets is the longest in DNS (RFC 1035 section 2.3.4)."""


@dataclass(frozen=True, slots=True)
class ClauseFacts:
    """Everything typeset on the clause page and in the footer lines."""

    statement: str
    number: str
    book: str
    date: str
    agency_lines: tuple[str, ...]
    title_lines: tuple[str, ...]
    officer: str
    code: str
    """The verification code, grouped for people: ``7K2F-9MQX-4TBD``."""
    code_address: str
    """The address in the QR code, which opens this copy's page."""
    check_address: str
    """The address where anybody checks a file, without its scheme."""
    pages: int
    """How many pages the copy has: the original's and the clause page."""
    original_sha256: str
    demo: bool

    @property
    def title(self) -> str:
        """The title in the PDF's metadata; it names no person and no document."""
        return f"Bản sao chứng thực số {self.number}"


def clause_facts(order: CertificationOrdered) -> ClauseFacts:
    """The words for *order*'s clause page. Raises Refusal(CLAUSE_DOES_NOT_FIT) for an
    address that no QR code can hold.
    """
    clause, day = order.clause, order.clause.date
    host = _addressable(order.public_host).rstrip("/")
    return ClauseFacts(
        statement=clause.statement,
        number=clause.number,
        book=clause.book,
        date=f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}",
        agency_lines=order.agency.name_lines,
        title_lines=order.officer.title_lines,
        officer=order.officer.name,
        code=format_code(order.code),
        code_address=f"{host}{CODE_PATH}{order.code}",
        check_address=f"{host.partition('://')[2] or host}{CHECK_PATH}",
        pages=len(order.manifest) + 1,
        original_sha256=order.original.sha256,
        demo=order.demo,
    )


def _addressable(host: str) -> str:
    if host.isascii() and len(host) <= LONGEST_HOST:
        return host
    raise Refusal(
        Reason.CLAUSE_DOES_NOT_FIT,
        "address-unfit",
        address=host[:LONGEST_HOST],
        longest=LONGEST_HOST,
    )
