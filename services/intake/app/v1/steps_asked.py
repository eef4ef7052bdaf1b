"""What programs send of pages that lie on the desk, and of what a paper says.

A page is named as ``page_list`` and ``put_aside`` of its paper name it. Start at
``PagesRequest``.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from intake.app.v1.asked import Line, PaperRequest, Sent
from intake.domain.adjusting import MOST_DEGREES, MOST_TRIMMED

Step = Literal[
    "turn-left",
    "turn-right",
    "turn-over",
    "earlier",
    "later",
    "first",
    "last",
    "place",
    "drop",
    "restore",
    "undo",
    "redo",
]
Pages = Annotated[list[Line], Field(min_length=1, max_length=5000)]
Share = Annotated[float, Field(ge=0, le=MOST_TRIMMED)]


class PagesRequest(Sent):
    """One step of the page desk over pages of one paper."""

    act: Step
    pages: Annotated[list[Line], Field(max_length=5000)] = Field(
        default_factory=list, description="Names of pages; none for a step back."
    )
    after: Line = Field(
        "", description="For `place`: the page that they follow; empty for the front."
    )


class AdjustRequest(Sent):
    """A page straightened or trimmed; nothing but its name is the page as scanned."""

    page: Line
    degrees: float = Field(
        0, ge=-MOST_DEGREES, le=MOST_DEGREES, description="Clockwise."
    )
    left: Share = Field(
        0, description="Per cent of the page to cut off, as it is seen."
    )
    top: Share = 0
    right: Share = 0
    foot: Share = 0


class DetailsRequest(Sent):
    """What the paper says of itself; a member that is left out stays as it is."""

    title: Line | None = None
    number: Line | None = None
    issuing_body: Line | None = None
    issued_on: date | None = None
    holder: Line | None = None


class AtPaperRequest(Sent):
    """A step at the desk of this paper, which may touch others of its case."""

    paper: Line


class InsertRequest(AtPaperRequest):
    """Pages of another paper, or put aside, that come into this one."""

    pages: Pages
    after: Line = Field("", description="The page that they follow; empty: the front.")


class ReplaceRequest(AtPaperRequest):
    """Pages in the place of one that is put aside."""

    old: Line
    pages: Pages


class SendRequest(AtPaperRequest):
    """Pages of this paper that go to the end of another."""

    pages: Pages
    to: Line


class SplitRequest(AtPaperRequest):
    """One paper becomes two: a page and those behind it are the new one."""

    at: Line = Field(description="The first page of the new paper.")
    title: Line = Field(description="Of the paper that stays.")
    pages: int = Field(ge=1, le=5000, description="Of the original that stays.")
    new: PaperRequest


class MergeRequest(AtPaperRequest):
    """Two papers become one: the other one's pages come here, and it ends."""

    other: Line
    title: Line
    before: bool = Field(default=False, description="The other's pages come first.")
