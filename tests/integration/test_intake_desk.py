"""The desk by its own forms: clerk, certifier, and whoever is not let in."""

import re

import pytest

from corpus import scans
from intake.adapters.sql import audit
from support.intake import CASE, app_of, browsing, open_desk, path_of


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


async def filed(clerk, *files, **changes):
    """A case received and its files uploaded; the page desk."""
    page = await clerk.look("/cases/new")
    page = await clerk.send(page, "/cases", **CASE | changes)
    assert path_of(page).endswith("/desk"), page.text
    document = path_of(page).removesuffix("/desk")
    files = files or (("bang.pdf", scans.small_pdf()),)
    page = await clerk.upload(page, f"{document}/files", *files)
    assert page.status_code == 200, page.text
    return page, document


async def submitted(clerk, *files, **changes):
    page, document = await filed(clerk, *files, **changes)
    page = await clerk.send(page, f"{document}/compare", all_present="1")
    page = await clerk.send(page, f"{document}/submit")
    assert path_of(page).startswith("/cases/"), page.text
    return page, document


async def test_paper_goes_from_the_counter_into_the_register(house):
    """Received, scanned, compared, submitted, approved: it has its number."""
    app = app_of(house)
    async with browsing(app, "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        case = path_of(page)
        name = document.rsplit("/", 1)[-1]
        wall = await certifier.look(f"/wall/{name}")
        assert "Chứng thực bản sao đúng với bản chính" in wall.text
        large = re.search(r'src="(/documents/[^"]+/pages/1/large)"', wall.text)[1]
        picture = await certifier.look(large)
        assert picture.headers["content-type"] == "image/jpeg"
        answer = await certifier.send(wall, f"{document}/approve", seen=["1"])
        assert answer.status_code == 200, answer.text
        page = await clerk.look(case)
        assert "1/2026" in page.text
        assert "02/2026-SCTĐT/BS" in page.text
        book = await clerk.look("/register?year=2026&month=11")
        assert "Bằng tốt nghiệp đại học" in book.text
    assert await house.store.read(audit.broken_at) is None
