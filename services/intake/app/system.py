"""The administrator's page of the system, and what is done about dead letters.

Start at ``overview``.
"""

from starlette.responses import Response

from intake.app.acts import done
from intake.app.responses import LetterResponse, LettersResponse, json_response
from intake.app.visit import Visit, whole
from intake.domain.views.page import Receipt
from intake.usecases.replaying import ShownLetter


async def overview(visit: Visit) -> Response:
    view = await visit.desk.overseeing.page(visit.by)
    return visit.desk.render("system.html", visit.request, view=view, me=visit.me)


async def letter(visit: Visit) -> Response:
    view = await visit.desk.overseeing.letter(_number(visit), visit.by)
    return visit.desk.render("letter.html", visit.request, view=view, me=visit.me)


async def replay(visit: Visit) -> Response:
    number = _number(visit)
    await visit.desk.replaying.replay(number, visit.typed.one("why"), visit.by)
    return done(visit, "/system", Receipt("letter-replayed", {"number": number}))


async def dismiss(visit: Visit) -> Response:
    number = _number(visit)
    await visit.desk.replaying.dismiss(number, visit.typed.one("why"), visit.by)
    return done(visit, "/system", Receipt("letter-dismissed", {"number": number}))


async def letters(visit: Visit) -> Response:
    """The dead letters that the bus still has, without their contents.

    503 while the bus is away: then nothing is known of them.
    """
    shown = await visit.desk.replaying.all()
    return json_response(LettersResponse(letters=[_letter(each) for each in shown]))


def _letter(shown: ShownLetter) -> LetterResponse:
    letter = shown.letter
    return LetterResponse(
        number=letter.number,
        consumer=letter.consumer,
        entry=letter.entry,
        reason=letter.reason,
        parked_at=letter.parked_at.isoformat(),
        size=letter.size,
        publisher=letter.publisher,
        standing=shown.standing,
        replay_of=letter.replay_of,
    )


def _number(visit: Visit) -> int:
    return whole(visit.path("number"), "number")
