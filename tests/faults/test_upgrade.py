"""The house of an earlier release is started by this one: nothing is lost, and what
stood still on the way goes on.
"""

import hashlib
from contextlib import asynccontextmanager

import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import checks, story
from onebox import house as houses
from onebox.browser import Browser
from onebox.people import people
from onebox.places import Places
from support.houses import six_free_ports
from support.releases import RELEASES, rows, unpacked


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name[:10])
async def test_the_house_of_an_earlier_release_goes_on(release, tmp_path):
    places = Places(unpacked(release, tmp_path) / "var")
    copies = sorted((places / "objects/archive").rglob("copy.pdf"))
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in copies]
    waiting = ordered_and_unanswered(places)
    async with houses.open_house(places, six_free_ports(), utc_now) as house:
        async with at(house.public) as citizen:
            for copy in copies:
                assert await story.verify(citizen, copy) == story.GENUINE
        async with at(house.desk) as clerk:
            await story.sign_in(clerk, house.person("clerk"))
            issued = await issued_or_ordered_again(house, clerk, waiting)
        async with at(house.public) as citizen:
            made = await story.fetch(citizen, issued, tmp_path / "made")
            assert await story.verify(citizen, made) == story.GENUINE
    assert [hashlib.sha256(p.read_bytes()).hexdigest() for p in copies] == before
    assert people(places.demo) == house.people
    assert checks.is_open(places)


def ordered_and_unanswered(places):
    """The case that was approved while nobody signed; its stream is gone."""
    found = rows(places.database_file("intake"))
    waiting = next(row for row in found["documents"] if row["state"] == "registered")
    return story.Filed(
        f"/cases/{waiting['case']}", f"/cases/{waiting['case']}/{waiting['ordinal']}"
    )


async def issued_or_ordered_again(house, clerk, filed):
    """Three days after the release was made, its approval is too old to be signed: then
    a certifier orders it again, as the case's page asks.
    """
    try:
        return await story.until_issued(clerk, filed)
    except CannotStart:
        async with at(house.desk) as certifier:
            await story.sign_in(certifier, house.person("certifier"))
            page = await certifier.look(filed.case)
            form = page.found(r'action="([^"]*/order-again)"')
            assert form, page.text
            await certifier.send(page, form, {})
        return await story.until_issued(clerk, filed)


@asynccontextmanager
async def at(origin):
    browser = Browser(origin)
    try:
        yield browser
    finally:
        await browser.close()
