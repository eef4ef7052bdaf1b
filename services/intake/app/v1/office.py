"""What a program reads of the office: what happens, the register and the figures."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from intake.app.responses import json_response
from intake.app.v1.asked import ChangesRequest, FiguresRequest, RegisterRequest
from intake.app.v1.bodies import query
from intake.app.v1.misfits import Misfit, MistakeAt
from intake.app.v1.office_answers import (
    ChangeResponse,
    ChangesResponse,
    FiguresResponse,
    RegisterLineResponse,
    RegisterResponse,
    ShareResponse,
    SpreadResponse,
)
from intake.app.visit import Visit
from intake.domain.closing import Period
from intake.domain.figures import Share, Spread
from intake.domain.records import CaseEvent
from intake.domain.views.register import RegisterRow

LINES: Final = 200
LOOK_AGAIN_SECONDS: Final = 5.0
MINUTE: Final = timedelta(minutes=1)


async def changes(visit: Visit) -> Response:
    """What happened to the agency's cases behind `after`, oldest first, without a word
    of what was typed. With `wait` the answer comes when something happens.
    """
    asked = query(visit, ChangesRequest)
    found = await _awaited(visit, asked)
    return json_response(
        ChangesResponse(
            changes=[
                ChangeResponse(
                    seq=each.seq,
                    at=each.at,
                    action=each.action,
                    case=each.case,
                    document=each.document,
                )
                for each in found
            ],
            next=found[-1].seq if found else asked.after,
        )
    )


async def register(visit: Visit) -> Response:
    """A page of a month of the register, in the order of its numbers."""
    asked = query(visit, RegisterRequest)
    month = Period(asked.year, asked.month)
    view = await visit.desk.registering.page(visit.by, month, asked.after, LINES)
    return json_response(
        RegisterResponse(
            book=view.book,
            rows=list(map(_line, view.rows)),
            copies=view.copies,
            fee=view.fee,
            next=view.more,
        )
    )


async def figures(visit: Visit) -> Response:
    """What the office is measured by in a month, a quarter or a year."""
    asked = query(visit, FiguresRequest)
    try:
        view = await visit.desk.measuring.overview(asked.span, visit.by)
    except ValueError as error:
        raise Misfit(MistakeAt("/span", "a month, a quarter or a year")) from error
    known = view.figures
    return json_response(
        FiguresResponse(
            span=view.span.slug,
            on_time=_share(known.on_time),
            electronic=_share(known.electronic),
            took=_spread(known.took) if known.took else None,
            steps={step: _spread(found) for step, found in known.steps.items()},
            open=known.open,
            stuck=known.stuck,
            late=known.late,
        )
    )


async def _awaited(visit: Visit, asked: ChangesRequest) -> tuple[CaseEvent, ...]:
    """What happened behind *after*, once something has or the time is over. It is
    looked up every few seconds, too: the bell does not ring for what came just before.
    """
    bell, by, clock = visit.desk.bell, visit.by, asyncio.get_running_loop().time
    ends = clock() + asked.wait
    found = await visit.desk.programs.feed.after(asked.after, by)
    while not found and bell is not None and not bell.full_for(by.user):
        left = ends - clock()
        if left <= 0:
            break
        await bell.heard(by.user, by.agency, min(left, LOOK_AGAIN_SECONDS))
        found = await visit.desk.programs.feed.after(asked.after, by)
    return found


def _line(row: RegisterRow) -> RegisterLineResponse:
    return RegisterLineResponse(
        number=row.number,
        date=row.date,
        requester=row.requester,
        title=row.title,
        officer=row.officer,
        copies=row.copies,
        fee=row.fee,
        notes=[note.text for note in row.notes],
        case=row.case_code,
        state=row.state,
    )


def _share(share: Share) -> ShareResponse:
    return ShareResponse(part=share.part, whole=share.whole)


def _spread(spread: Spread) -> SpreadResponse:
    return SpreadResponse(
        count=spread.count,
        middle_minutes=round(spread.middle / MINUTE),
        most_minutes=round(spread.most / MINUTE),
    )
