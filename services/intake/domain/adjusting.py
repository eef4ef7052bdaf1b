"""A clerk straightens a page or cuts its edges off; the page as scanned stays beside.

What is made is a page of its own, which takes the place of the scanned one and puts it
aside, as a step (docs/decisions/0130). It is always made of the page as scanned, never
of one that was made before. Start at ``remake`` and ``laid``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ecopy.events import ManifestPage
from ecopy.identifiers import ObjectRef
from intake.domain import page_steps, paper_files
from intake.domain.arranging import FULL_TURN, Effect, PageId, StepKind, page_id
from intake.domain.desk_pages import DeskPage
from intake.domain.files import NOTHING_TRIMMED, Adjustment, Part, StoredFile
from intake.domain.people import Actor
from intake.domain.records import CaseDocument
from intake.domain.scan import PageFacts
from intake.domain.states import NotAllowed
from intake.domain.stepping import CaseOnDesk, Hand, Rearranged, recorded

MOST_DEGREES: Final = 10.0
"""A page that leans by more was laid on the glass anyhow, and is scanned again."""
MOST_TRIMMED: Final = 80.0
"""Per cent of a page's width, or of its height: what is left is still a page."""
Trim = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a clerk wants of a page, as it is seen."""

    degrees: float = 0.0
    """Clockwise."""
    trim: Trim = NOTHING_TRIMMED
    """Per cent to cut off: left, top, right, foot."""


@dataclass(frozen=True, slots=True)
class Remake:
    """What a worker is to make of a scanned page."""

    ref: ObjectRef
    """The part in which it stands."""
    number: int
    """1-based, there."""
    name: str
    """Its file's name, for sentences."""
    manifest: ManifestPage
    facts: PageFacts
    adjustment: Adjustment


def wish(degrees: str, trim: tuple[str, str, str, str]) -> Wish:
    """What was typed. Raises NotAllowed for what is no number or too much."""
    left, top, right, low = (_number(each, "error.trim-range") for each in trim)
    turn = _number(degrees, "error.straighten-range")
    if abs(turn) > MOST_DEGREES:
        raise NotAllowed("error.straighten-range", most=int(MOST_DEGREES))
    if min(left, top, right, low) < 0 or max(left + right, top + low) > MOST_TRIMMED:
        raise NotAllowed("error.trim-range", most=int(MOST_TRIMMED))
    return Wish(turn, (left, top, right, low))


def scanned_page(document: CaseDocument, page: DeskPage) -> DeskPage | None:
    """The page as it was scanned, turned as *page* is, where *page* was made of it."""
    if page.adjustment is None:
        return None
    return document.as_laid(page_id(page.adjustment.page), page.turn)


def remake(document: CaseDocument, page: PageId, wished: Wish) -> Remake | None:
    """How the page is to be made of the scanned one; None where the wish is that one
    itself. Raises NotAllowed for a page that is not there any more, or that nothing
    would change.
    """
    shown = next((each for each in document.pages if each.id == page), None)
    if shown is None:
        raise NotAllowed("error.pages-changed")
    source = scanned_page(document, shown)
    if wished == Wish():
        if source is None:
            raise NotAllowed("error.nothing-to-adjust")
        return None
    source = source or shown
    trim = as_filed(wished.trim, shown.rotation)
    return Remake(
        ref=source.part.ref,
        number=source.id.number,
        name=source.file_name,
        manifest=source.part.manifest[source.id.number - 1],
        facts=source.part.pages[source.id.number - 1],
        adjustment=Adjustment(str(source.id), wished.degrees, trim),
    )


def file_of(
    known: Remake, part: Part, *, name: str, document: str, by: Actor, at: datetime
) -> StoredFile:
    """The page that was made, as a file called *name* that nobody has sent."""
    page = replace(part.pages[0], source_page=known.facts.source_page)
    return StoredFile(
        id=name,
        document=document,
        position=0,
        name=known.name,
        raw=part.ref,
        uploaded_by=by.name,
        uploaded_at=at,
        state="good",
        part=replace(part, pages=(page,)),
        made_of=known.adjustment,
    )


def laid(
    case: CaseOnDesk, hand: Hand, old: PageId, file: StoredFile, *, most: int
) -> Rearranged:
    """The page of *file* in the place of *old*, turned like it, and that one aside.
    *most*: how many files a paper may have.
    """
    here = case.document(hand.document)
    shown = _shown(here, old)
    paper_files.check_room(here, most)
    place = paper_files.last_place(here) + 1
    files = (*here.files, replace(file, position=place))
    with_file = replace(here, files=files, places=place)
    papers = tuple(with_file if d.id == here.id else d for d in case.documents)
    new = PageId(file.id, 1)
    made = with_file.as_laid(new, 0)
    if made is None:
        raise AssertionError("a page that was just made is there")
    page_steps.check_wide_enough(made, shown.turn, number=_number_of(here, old))
    trims = file.made_of is not None and file.made_of.trims
    kind: StepKind = "trim" if trims else "straighten"
    effect = _in_place(hand, old, new, shown.turn)
    return recorded(replace(case, documents=papers), hand, kind, effect)


def as_scanned(case: CaseOnDesk, hand: Hand, old: PageId) -> Rearranged:
    """The page of which *old* was made, in its place again and turned like it."""
    shown = _shown(case.document(hand.document), old)
    if shown.adjustment is None:
        raise NotAllowed("error.nothing-to-adjust")
    source = page_id(shown.adjustment.page)
    holder = case.holder(source)
    if holder is None:
        raise NotAllowed("error.pages-changed")
    was = next(page.turn for page in holder.laid if page.id == source)
    turn = (shown.turn - was) % FULL_TURN
    return recorded(case, hand, "as-scanned", _in_place(hand, old, source, turn))


def as_filed(trim: Trim, rotation: int) -> Trim:
    """The edges of a page as it lies in its file, where *trim* has them as it is seen
    turned clockwise by *rotation*.
    """
    edges = (*trim, *trim)
    first = rotation // 90 % 4
    return edges[first], edges[first + 1], edges[first + 2], edges[first + 3]


def as_seen(trim: Trim, rotation: int) -> Trim:
    """The other way round than ``as_filed``."""
    return as_filed(trim, -rotation % FULL_TURN)


def _in_place(hand: Hand, old: PageId, new: PageId, turn: int) -> Effect:
    return Effect(
        (new,), to=hand.document, after=old, turn=turn, drop=(old,), restore=(new,)
    )


def _shown(document: CaseDocument, page: PageId) -> DeskPage:
    found = next((each for each in document.pages if each.id == page), None)
    if found is None:
        raise NotAllowed("error.pages-changed")
    return found


def _number_of(document: CaseDocument, page: PageId) -> int:
    return 1 + [each.id for each in document.pages].index(page)


def _number(typed: str, error: str) -> float:
    """Two decimals; a comma is as good as a point, and nothing is 0."""
    most = MOST_DEGREES if error == "error.straighten-range" else MOST_TRIMMED
    text = typed.strip().replace(",", ".").replace("−", "-").removesuffix("%")
    plain = text.removeprefix("-").replace(".", "", 1)
    if text and not (plain.isascii() and plain.isdigit() and len(plain) <= 6):  # noqa: PLR2004 - no share or angle has more digits
        raise NotAllowed(error, most=int(most))
    return round(float(text or 0), 2) + 0.0
