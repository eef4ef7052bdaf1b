"""A copy's link as its clerk sees it: how it went out, and what became of it.

Start at ``fate_view``.
"""

from datetime import datetime

from intake.domain.calendar import last_day
from intake.domain.certifications import Certification, HandOver, Way
from intake.domain.link_records import LinkAct
from intake.domain.records import CaseDocument
from intake.domain.rules import Rules
from intake.domain.states import State
from intake.domain.views.handing import (
    HandOverView,
    LinkActView,
    LinkFateView,
    LinkView,
)


def link_view(document: CaseDocument, rules: Rules) -> LinkView | None:
    """The citizen's link, once the copy is issued and while it is not closed."""
    certified = document.certification
    if certified is None or document.state is not State.ISSUED:
        return None
    if certified.link_closed is not None:
        return None
    return LinkView(
        url=rules.link(certified.entry, certified.link_generation),
        qr_url=f"/documents/{document.id}/link.svg",
    )


def fate_view(document: CaseDocument, now: datetime) -> LinkFateView | None:
    """What became of the link, once the copy is issued."""
    certified = document.certification
    if certified is None or document.state is not State.ISSUED:
        return None
    report, until = certified.link_report, certified.link_until
    fetched, given = report.fetched if report else None, _renewal(certified)
    earlier = [r.fetched for r in certified.link_reports if r.fetched is not None]
    return LinkFateView(
        last_day=last_day(until) if until else None,
        over=until is not None and now >= until,
        pending=certified.link_pending,
        asks=(given.factor or "") if given else "",
        locked_at=report.locked_at if report else None,
        opened=report.opened if report else None,
        fetched=fetched,
        renewed=_act_view(given),
        closed=_act_view(certified.link_closed),
        earlier_fetched=earlier[-1] if earlier and fetched is None else None,
    )


def handed_view(document: CaseDocument) -> tuple[HandOverView, ...]:
    certified = document.certification
    generation = certified.link_generation if certified else 0
    return tuple(
        _hand_over_view(nth, line, generation)
        for nth, line in enumerate(document.handed, start=1)
    )


def _renewal(certified: Certification) -> LinkAct | None:
    acts = (a for a in certified.link_acts if a.expires_at is not None)
    return next((a for a in acts if a.generation == certified.link_generation), None)


def _act_view(act: LinkAct | None) -> LinkActView | None:
    return None if act is None else LinkActView(act.ground, act.by_name, act.at)


def _hand_over_view(nth: int, line: HandOver, generation: int) -> HandOverView:
    mistake = line.mistake
    return HandOverView(
        nth=nth,
        way=line.way,
        by=line.by_name,
        at=line.at,
        earlier=line.way is not Way.ORIGINAL and line.generation != generation,
        mistaken_by=mistake.by_name if mistake else "",
        mistaken_at=mistake.at if mistake else None,
    )


def pending(document: CaseDocument) -> bool:
    """The public face has yet to answer what a person did last with the link."""
    certified = document.certification
    return certified is not None and certified.link_pending
