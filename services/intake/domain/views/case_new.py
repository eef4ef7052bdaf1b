"""The form of a new case: values only, filled in by ``usecases.reading``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from intake.domain.views.inbox import ArrivalView
from intake.domain.views.page import Choice


@dataclass(frozen=True, slots=True)
class EarlierView:
    """A requester of before, as the form would have them."""

    case: str
    fields: Mapping[str, str]
    """Name of the field → what stands there if they are taken."""
    last: datetime
    times: int


@dataclass(frozen=True, slots=True)
class CaseNewView:
    now: datetime
    due_at: datetime
    """If it is received now."""
    last_same_day: str
    """Until then what is received is due the same day: ``15:00``."""
    channels: tuple[Choice, ...]
    id_kinds: tuple[Choice, ...]
    kinds: tuple[str, ...]
    originals_back: tuple[Choice, ...]
    fee_table: tuple[tuple[int, int], ...]
    """Examples (pages, VND) to post beside the form, by the table in force."""
    arrivals: tuple[ArrivalView, ...] = ()
    """Scans from the inbox that go into the first paper when the case opens."""
    on_vneid: Mapping[str, date] = field(default_factory=dict)
    """Kinds that the citizen may have on VNeID, with the day from which."""
    sought: bool = False
    """Somebody has looked for the number of an identity paper."""
    earlier: tuple[EarlierView, ...] = ()
    """Whoever came before with that number."""
