"""Whoever brought a scan does not approve it, on SQLite and on PostgreSQL."""

import pytest

from bench import fuzz_desk
from intake import wiring
from intake.domain import intake_form
from intake.domain.calendar import local_day
from intake.domain.states import NotAllowed
from support import intake
from support.intake import CASE, KINDS, Hands


async def a_page():
    yield b"a page"


@pytest.mark.parametrize("act", ["upload", "submit"])
async def test_a_certifier_who_brought_the_scan_does_not_approve_it(
    database_url, tmp_path, act
):
    """Of another's case, compared by another: one upload or the submission is enough.

    The certifier finds the reason on the wall and is not named as the one waited for.
    """
    clock = Hands()
    await intake.make_staffed(database_url)
    opened = intake.house(
        database_url, tmp_path, clock, fuzz_desk.Paperless(), made=True
    )
    desk = wiring.desk(opened)
    ha, both = [await intake.actor(opened.store, name) for name in ("ha", "both")]
    typed = intake_form.TypedCase(CASE, [CASE])
    form = intake_form.parse(typed, KINDS, local_day(clock()))
    (document,) = (await desk.receiving.open_case(form, ha)).documents
    uploader = both if act == "upload" else ha
    await desk.files.receive_file(document.id, "a.png", a_page(), uploader, place=0)
    shown = await desk.pages.page_desk(document.id, ha)
    pages = tuple(page.digest for page in shown.pages)
    await desk.receiving.compare(document.id, shown.document.version, pages, ha)
    version = shown.document.version + 1
    await desk.receiving.submit(document.id, version, both if act == "submit" else ha)
    await opened.objects.put("p/1", b"a picture")
    await desk.pictures.large(document.id, pages[0], both, shown=True)
    with pytest.raises(NotAllowed, match="own-scan"):
        await desk.certifying.approve(document.id, version + 1, pages, both)
    wall = await desk.wall.view(document.id, both)
    assert wall.why_not == "own-scan"
    await opened.store.close()
