"""What people see while no number is given, and of the lines that were lost."""

import pytest

from ecopy.marks import Mark, Marks, YearBook
from intake.adapters.sql.skipping import SqlSkips
from intake.usecases import numbering
from support.intake import (
    AGENCY,
    MORNING,
    app_of,
    browsing,
    heard_marks,
    replaced,
)
from support.papers import open_papers

BOOK = YearBook(AGENCY, "E", 2026)
OLDER = "sổ H99.42.05.13/E/2026 ở máy này mới đến số 0, mà số 7 đã cấp cho người khác"


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


def older(papers):
    """The desk of a register that was put back: seven numbers are in the archive."""
    mark = Mark(agency=AGENCY, series="E", year=2026, highest=7, archived=7)
    marks = heard_marks(storage=Marks(at=MORNING, books=(mark,)))
    return replaced(papers.opened, marks=marks)


async def test_everybody_is_told_before_anybody_presses(papers):
    """The clerk on the board, the certifier beside the paper, and whoever presses all
    the same; readiness says it to programs, and that the desk works.
    """
    document = await papers.awaiting()
    async with browsing(app_of(older(papers)), "ha", "vinh") as (ha, vinh):
        assert OLDER in (await ha.look("/")).text
        wall = await vinh.look(f"/wall/{document}")
        assert OLDER in wall.text
        pressed = await vinh.approve(wall, f"/documents/{document}")
        assert (pressed.status_code, OLDER in pressed.text) == (422, True)
        answer = await ha.look("/readyz")
        assert answer.status_code == 200
        assert answer.json()["numbering"] == "register-older"
        # What the operator of a house is shown at its start.
        vi, en = answer.json()["says"]
        assert OLDER in vi
        assert "run ecopy register skip through 7" in en
    async with browsing(app_of(papers.opened), "ha", "vinh") as (ha, vinh):
        assert "người khác" not in (await ha.look("/")).text
        wall = await vinh.look(f"/wall/{document}")
        await vinh.approve(wall, f"/documents/{document}")
        assert "1/2026" in (await ha.look("/register?year=2026&month=11")).text


async def test_the_book_shows_what_it_lost(papers):
    """How many lines, which, when, by whom and why."""
    await papers.received()
    await numbering.skip(
        BOOK,
        7,
        "phục hồi bản sao lưu hôm qua",
        "Lê Văn Tám",
        skips=SqlSkips(papers.opened.store),
        clock=papers.opened.clock,
    )
    async with browsing(app_of(older(papers)), "ha") as (ha,):
        page = await ha.look("/register?year=2026&month=11")
        assert (
            "7 dòng mất: số 1–7 của H99.42.05.13/E/2026, ghi ngày 23/11/2026 bởi"
            " Lê Văn Tám: phục hồi bản sao lưu hôm qua" in page.text
        )
        assert "7 dòng mất" not in (await ha.look("/register?year=2026&month=10")).text
        assert (await ha.look("/readyz")).status_code == 200
