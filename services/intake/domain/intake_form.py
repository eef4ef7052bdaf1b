"""The new case as typed: parsed once, into values that cannot be wrong.

How text is cleaned before it comes here is in ``intake.app.visit`` and ``text``. Start
at ``parse``.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from intake.domain import text
from intake.domain.records import Paper, Requester
from intake.domain.typed_fields import choice, line, required
from intake.domain.views.page import FieldError

CHANNELS: Final = ("counter", "post", "portal", "vneid")
ID_KINDS: Final = (
    "can-cuoc",
    "e-id",
    "cccd",
    "certificate-of-identity",
    "passport",
    "other",
)
ORIGINALS_BACK: Final = ("with-result", "at-once", "post")
"""How a requester has the paper originals back; the first where nothing is said."""
MOST_PAPERS: Final = 50
MOST_PAGES: Final = 5000
MOST_COPIES: Final = 200
"""The most of one paper: more is a slip of the pen."""
PHONE_DIGITS: Final = range(8, 16)
"""How many digits a telephone number has; E.164 allows fifteen at most."""
_PHONE: Final = re.compile(r"^\+?[\d .\-]+$", re.ASCII)
_MAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


@dataclass(frozen=True, slots=True)
class TypedCase:
    """A form: each field once, papers as parallel lists."""

    fields: Mapping[str, str]
    papers: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class CaseForm:
    requester: Requester
    channel: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class CorrectedCase:
    """The form of a correction: requester and channel, if it has them, and papers."""

    requester: tuple[Requester, str] | None
    papers: tuple[Paper, ...]


class Mistaken(Exception):
    """What is to be mended, in the order of the form."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(error.key for error in errors))
        self.errors = errors


def parse(typed: TypedCase, kinds: Collection[str], today: date) -> CaseForm:
    """Raises Mistaken with every mistake at once."""
    errors: list[FieldError] = []
    requester, channel = _asked_by(typed.fields, today, errors)
    if not typed.fields.get("privacy"):
        errors.append(FieldError("privacy", "error.privacy"))
    if not 1 <= len(typed.papers) <= MOST_PAPERS:
        errors.append(FieldError("title-0", "error.papers"))
    papers = _papers(typed.papers, kinds, errors)
    if errors:
        raise Mistaken(tuple(errors))
    return CaseForm(requester, channel, papers)


def parse_again(
    typed: TypedCase, kinds: Collection[str], today: date, *, requester: bool
) -> CorrectedCase:
    """The same fields with the same checks, when they are corrected: what was shown to
    the requester stays shown, and *requester* says whether the form has that part. A
    number of copies that was emptied is a mistake: one would be a guess. Raises
    Mistaken.
    """
    errors: list[FieldError] = []
    known = _asked_by(typed.fields, today, errors) if requester else None
    papers = _papers(typed.papers, kinds, errors, unsaid_copies="")
    if errors:
        raise Mistaken(tuple(errors))
    return CorrectedCase(known, papers)


def parse_paper(fields: Mapping[str, str], kinds: Collection[str]) -> Paper:
    """One more paper of a case. Raises Mistaken."""
    errors: list[FieldError] = []
    (paper,) = _papers([fields], kinds, errors)
    if errors:
        raise Mistaken(tuple(errors))
    return paper


def pages(sent: str) -> int:
    """Pages of an original; ValueError below 1 or beyond reason."""
    count = text.whole_number(sent.strip())
    if not 1 <= count <= MOST_PAGES:
        raise ValueError("pages out of range")
    return count


def _asked_by(
    fields: Mapping[str, str], today: date, errors: list[FieldError]
) -> tuple[Requester, str]:
    requester = _requester(fields, today, errors)
    return requester, choice(fields, "channel", CHANNELS, errors)


def _papers(
    typed: Sequence[Mapping[str, str]],
    kinds: Collection[str],
    errors: list[FieldError],
    *,
    unsaid_copies: str = "1",
) -> tuple[Paper, ...]:
    unsaid = {"copies": unsaid_copies}
    return tuple(
        _paper(paper if paper.get("copies") else paper | unsaid, number, kinds, errors)
        for number, paper in enumerate(map(dict, typed))
    )


def _requester(
    fields: Mapping[str, str], today: date, errors: list[FieldError]
) -> Requester:
    kind: Literal["person", "organisation"] = (
        "organisation" if fields.get("requester_kind") == "organisation" else "person"
    )
    name = required(fields, "requester", errors)
    id_kind = choice(fields, "id_kind", ID_KINDS, errors)
    id_number = required(fields, "id_number", errors)
    phone, email = (
        line(fields, "phone", "phone", errors),
        line(fields, "email", "email", errors),
    )
    if not phone and not email:
        errors.append(FieldError("phone", "error.contact"))
    if phone and not _is_phone(phone):
        errors.append(FieldError("phone", "error.phone"))
    if email and not _MAIL.match(email):
        errors.append(FieldError("email", "error.email"))
    born = _born(fields, today, errors)
    address = line(fields, "address", "address", errors)
    back = fields.get("originals_back") or ORIGINALS_BACK[0]
    back = choice({"originals_back": back}, "originals_back", ORIGINALS_BACK, errors)
    if back == "post" and not address:
        errors.append(FieldError("address", "error.address"))
    proxy = line(fields, "proxy", "proxy", errors)
    return Requester(
        *(kind, name, id_kind, id_number, born, phone, email),
        address=address,
        proxy=proxy,
        originals_back=back,
    )


def _is_phone(typed: str) -> bool:
    digits = sum(character.isdigit() for character in typed)
    return bool(_PHONE.match(typed)) and digits in PHONE_DIGITS


def _born(
    fields: Mapping[str, str], today: date, errors: list[FieldError]
) -> date | None:
    try:
        born = text.day(fields.get("birth_date", ""))
    except ValueError:
        born = date.max
    if born is None or born <= today:
        return born
    errors.append(FieldError("birth_date", "error.date"))
    return None


def _paper(
    fields: Mapping[str, str],
    number: int,
    kinds: Collection[str],
    errors: list[FieldError],
) -> Paper:
    title = line(fields, "title", f"title-{number}", errors)
    if not title:
        errors.append(FieldError(f"title-{number}", "error.title"))
    kind = fields.get("kind", "")
    if kind not in kinds:
        errors.append(FieldError(f"kind-{number}", "error.kind"))
    return Paper(
        title=title,
        kind=kind,
        issuing_body=line(fields, "issuing_body", f"issuing_body-{number}", errors),
        pages=_pages(fields, number, errors),
        copies=_copies(fields, number, errors),
    )


def _pages(fields: Mapping[str, str], number: int, errors: list[FieldError]) -> int:
    try:
        return pages(fields.get("pages", ""))
    except ValueError:
        errors.append(FieldError(f"pages-{number}", "error.pages"))
        return 1


def _copies(fields: Mapping[str, str], number: int, errors: list[FieldError]) -> int:
    try:
        count = text.whole_number(fields.get("copies", "").strip())
    except ValueError:
        count = 0
    if not 1 <= count <= MOST_COPIES:
        most: dict[str, str | int] = {"most": MOST_COPIES}
        errors.append(FieldError(f"copies-{number}", "error.copies", most))
        return 1
    return count
