"""What programs get of the office: what happens, the register and the figures. The
mirror of ``answers``, for ``office``.
"""

from datetime import date, datetime

from pydantic import BaseModel, Field


class ChangeResponse(BaseModel):
    """Something happened to a case."""

    seq: int
    at: datetime
    action: str = Field(description="A slug, as in the case's history.")
    case: str
    document: str | None


class ChangesResponse(BaseModel):
    """What happened, oldest first."""

    changes: list[ChangeResponse]
    next: int = Field(description="Send it as `after` the next time.")


class RegisterLineResponse(BaseModel):
    """A line of the book, with its eight columns."""

    number: str
    date: date
    requester: str
    title: str
    officer: str
    copies: int
    fee: int
    notes: list[str]
    case: str
    state: str


class RegisterResponse(BaseModel):
    """A page of a month of the book."""

    book: str
    rows: list[RegisterLineResponse]
    copies: int = Field(description="Of the whole month.")
    fee: int
    next: int | None


class ShareResponse(BaseModel):
    """How many of how many."""

    part: int
    whole: int


class SpreadResponse(BaseModel):
    """The middle of some durations, and what nine of ten did not exceed."""

    count: int
    middle_minutes: int
    most_minutes: int


class FiguresResponse(BaseModel):
    """What the office is measured by in a span."""

    span: str
    on_time: ShareResponse
    electronic: ShareResponse
    took: SpreadResponse | None
    steps: dict[str, SpreadResponse]
    open: int
    stuck: int
    late: int
