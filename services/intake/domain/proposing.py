"""What the form may ask of a paper, found in the lines that were read.

Rules of Vietnamese official papers (Decree 30/2020/NĐ-CP, appendix I: body on the
left, motto on the right, number under the body, date under the motto, title in the
middle) and of the forms of civil status, diplomas and companies. A proposal fills
nothing in: a clerk takes it or leaves it. The words are in ``proposing_words``. Start
at ``proposals``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from intake.domain import proposing_words as words
from intake.domain import text
from intake.domain.page_texts import PageText, TextRun, text_runs

Field = Literal["title", "number", "issuing_body", "issued_on", "holder"]
FIELDS: Final[tuple[Field, ...]] = (
    *("title", "number", "issuing_body"),
    *("issued_on", "holder"),
)
Sure = Literal["sure", "fair", "unsure"]
READ_PAGES: Final = 2
"""The head of a paper is on its first page, or behind a cover."""
_SURE: Final = 85
_FAIR: Final = 65
_WEAK: Final = 25
"""A proposal loses so many points where its rule fits other lines, too."""
_CLOSE: Final = 2.2
"""The next line of a heading is at most so many heights of a line away."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value for one field of the form, and how sure its reading is."""

    field: Field
    value: str
    """The value as a form shows it; a date is ``dd/mm/yyyy``."""
    score: int
    """How sure the reading of the value is, from 0 to 100."""

    @property
    def sure(self) -> Sure:
        if self.score >= _SURE:
            return "sure"
        return "fair" if self.score >= _FAIR else "unsure"


def proposals(pages: Iterable[PageText]) -> dict[Field, Proposal]:
    """The first proposal for each field; *pages* come in their order, and no more than
    ``READ_PAGES`` of them are looked at.
    """
    found: dict[Field, Proposal] = {}
    for page in list(pages)[:READ_PAGES]:
        for proposal in of_page(text_runs(page.lines)):
            found.setdefault(proposal.field, proposal)
    return found


def of_page(lines: tuple[TextRun, ...]) -> Iterator[Proposal]:
    """The proposals of one page; a field that does not stand on it has none."""
    at = _title_at(lines)
    body = _body(lines, at)
    finds = (_title(lines, at), _number(lines), body, _issued_on(lines), _holder(lines))
    for proposal in finds:
        if proposal is not None and proposal.value:
            yield proposal


def _value(
    field: Field, line: TextRun, start: int, end: int, *, weak: bool = False
) -> Proposal:
    score = line.sure_of(start, end) - (_WEAK if weak else 0)
    value = line.text[start:end].strip(words.EDGES)
    if field == "issuing_body":
        value = _right_marks(value)
    return Proposal(field, value, max(0, score))


def _right_marks(body: str) -> str:
    """The words that names of bodies are made of, as they are spelt: a dot more or less
    over a capital is what is read wrong most often.
    """
    for known in words.PARTS_OF_BODIES:
        for found in re.finditer(rf"\b{text.folded(known)}\b", text.folded(body)):
            start, end = found.span()
            was = body[start:end]
            right = known.upper() if was.isupper() else was[:1] + known[1:]
            right = known[:1].upper() + right[1:] if was[:1].isupper() else right
            body = body[:start] + right + body[end:]
    return body


# --- the title ------------------------------------------------------------------------


def _title_at(lines: tuple[TextRun, ...]) -> int | None:
    """The line that is one of the names that papers have; else the largest print."""
    headings = [n for n, line in enumerate(lines) if _is_heading(line)]
    for starts in (words.TITLES, words.ENGLISH_TITLES):
        for n in headings:
            if lines[n].plain.startswith(starts):
                return n
    middle = [n for n in headings if not lines[n].plain.startswith(words.BODIES)]
    return max(middle, key=lambda n: lines[n].height, default=None)


def _is_heading(line: TextRun) -> bool:
    letters = sum(c.isalpha() for c in line.text)
    return line.capitals > words.CAPITALS and letters >= 5 and not line.is_motto  # noqa: PLR2004


def _title(lines: tuple[TextRun, ...], at: int | None) -> Proposal | None:
    if at is None:
        return None
    first = lines[at]
    known = first.plain.startswith((*words.TITLES, *words.ENGLISH_TITLES))
    score = first.sure_of(0, len(first.text)) - (0 if known else _WEAK)
    parts = [_spelt(first.text)]
    for line in _below(lines, at):
        if not _goes_on(first, line):
            break
        parts.append(line.text[0].lower() + line.text[1:])
        score = min(score, line.sure_of(0, len(line.text)))
        if line.capitals > words.CAPITALS:
            parts[-1] = line.text.lower()
    return Proposal("title", " ".join(parts).strip(words.EDGES), max(0, score))


def _spelt(heading: str) -> str:
    """Small letters, and the right marks where it begins as a known name does: over
    capitals they are what is read wrong most often.
    """
    small, plain = heading.lower(), text.folded(heading)
    for name in words.NAMES:
        if plain.startswith(text.folded(name)):
            small = name + small[len(name) :]
            break
    return small[:1].upper() + small[1:]


def _below(lines: tuple[TextRun, ...], at: int) -> Iterator[TextRun]:
    """The next lines of the same column, as long as they follow closely."""
    before = lines[at]
    for line in lines[at + 1 :]:
        if line.left > before.right or line.right < before.left:
            continue
        if line.top - before.bottom > _CLOSE * before.height:
            return
        yield line
        before = line


def _goes_on(first: TextRun, line: TextRun) -> bool:
    if line.plain.startswith(words.CONCERNING):
        return True
    return first.plain in words.OPEN_TITLES and _is_heading(line)


# --- number, date, holder: what stands behind a label ---------------------------------


def _number(lines: tuple[TextRun, ...]) -> Proposal | None:
    for label in words.NUMBER_LABELS:
        for line in lines:
            if found := re.match(label + words.NUMBER, line.plain):
                return _value("number", line, found.start("n"), found.end("n"))
    return None


def _issued_on(lines: tuple[TextRun, ...]) -> Proposal | None:
    for label, weak in words.DATE_LABELS:
        for line in lines:
            if line.plain.startswith(words.NOT_ISSUED):
                continue
            for pattern in words.DATES:
                found = re.search(label + pattern, line.plain)
                day = _day(found) if found else None
                if found and day:
                    start, end = found.span("day")[0], found.end()
                    read = _value("issued_on", line, start, end, weak=weak)
                    return Proposal("issued_on", f"{day:%d/%m/%Y}", read.score)
    return None


def _day(found: re.Match[str]) -> date | None:
    month = found["month"]
    try:
        number = words.MONTHS.get(month) or int(month)
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


def _holder(lines: tuple[TextRun, ...]) -> Proposal | None:
    for label in words.HOLDER_LABELS:
        for line in lines:
            found = re.match(label + words.HOLDER, line.plain)
            if found and " " in found["who"].strip(words.EDGES):
                return _value("holder", line, found.start("who"), found.end("who"))
    return None


# --- the body that issued it ----------------------------------------------------------


def _body(lines: tuple[TextRun, ...], title: int | None) -> Proposal | None:
    for label in words.BODY_LABELS:
        for line in lines:
            if found := re.match(label + words.REST, line.plain):
                return _value("issuing_body", line, found.start("rest"), len(line.text))
    above = lines if title is None else lines[:title]
    return _head_of_body(above) or _beside_motto(above)


def _head_of_body(above: tuple[TextRun, ...]) -> Proposal | None:
    """``HIỆU TRƯỞNG TRƯỜNG ĐẠI HỌC …``: who signs, and for whom."""
    for roles in (words.ROLES, words.ENGLISH_ROLES):
        for line in above:
            role = next((r for r in roles if line.plain.startswith(r)), None)
            if role and _is_heading(line):
                return _value("issuing_body", line, len(role), len(line.text))
    return None


def _beside_motto(above: tuple[TextRun, ...]) -> Proposal | None:
    """The lines in capitals at the top, left of the motto."""
    mottos = [line for line in above if line.is_motto]
    edge = min((line.left for line in mottos), default=0)
    beside = [line for line in above if line.right <= edge and not line.is_motto]
    column = [line for line in beside if sum(map(str.isalpha, line.text)) > 1]
    parts: list[TextRun] = []
    for line in sorted(column, key=lambda each: each.top):
        fits = _is_heading(line) and not any(map(str.isdigit, line.text))
        far = parts and line.top - parts[-1].bottom > _CLOSE * parts[-1].height
        if parts and (far or not fits):
            break
        if fits:
            parts.append(line)
    if not parts:
        return None
    score = min(line.sure_of(0, len(line.text)) for line in parts)
    name = " ".join(line.text for line in parts).strip(words.EDGES)
    return Proposal("issuing_body", _right_marks(name), score)
