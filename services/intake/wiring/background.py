"""What runs without a person: the answers of the others, and orders asked again.

How often each of it runs is in ``loops``. Start at ``event_handlers``.
"""

from functools import partial

from intake import worker
from intake.adapters.sql.board_rows import SqlBoardRows
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.expected import SqlExpected
from intake.adapters.sql.ratings import SqlReportedRatings
from intake.usecases import news
from intake.wiring.adapters import Adapters
from intake.wiring.bindings import staff_of


def event_handlers(house: Adapters) -> worker.EventHandlers:
    cases, patience = SqlCases(house.store), house.rules.patience
    return worker.EventHandlers(
        sealed=partial(news.on_sealed, cases=cases, patience=patience),
        archived=partial(news.on_archived, cases=cases),
        delayed=partial(news.on_delayed, cases=cases, patience=patience),
        halted=partial(
            news.on_halted, cases=cases, patience=patience, clock=house.clock
        ),
        closed=partial(news.on_closed, cases=cases),
        reported=partial(news.on_reported, cases=cases),
        rated=SqlReportedRatings(house.store).record,
    )


async def adopted(house: Adapters) -> None:
    """Orders that an earlier version entered beside this one are waited for, too, and
    its cases stand on the board as they are.
    """
    await SqlExpected(house.store).adopt(house.clock())
    await SqlBoardRows(house.store).adopt()


async def repeated(house: Adapters, *, voids: bool) -> tuple[str, ...]:
    """The entries whose orders went out once more, for want of news; with *voids* those
    whose declaration did.
    """
    return await news.repeat_late(
        voids=voids,
        cases=SqlCases(house.store),
        expected=SqlExpected(house.store),
        patience=house.rules.patience,
        clock=house.clock,
    )


async def swept(house: Adapters) -> None:
    """Without what sign-in leaves behind (``Staff.sweep``)."""
    await staff_of(house).sweep()
