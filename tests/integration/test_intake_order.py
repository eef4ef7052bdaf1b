"""Pages stand in the clerk's order, whichever upload ends first."""

import asyncio
import re
from itertools import permutations

import pytest

from corpus import scans
from intake.adapters.sql.cases import SqlCases
from support.intake import CASE, Form, app_of, browsing, open_desk, path_of

JSON = {"Accept": "application/json"}
SHEETS = {
    "1.pdf": scans.small_pdf,
    "2.pdf": scans.grey_pdf,
    "3.pdf": scans.group4_pdf,
}
"""Makers of three files that are one page each, all different."""


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(house):
    async with browsing(app_of(house), "ha", "man") as (ha, man):
        page = await ha.look("/cases/new")
        page = await ha.send(page, "/cases", **CASE | {"pages": "3"})
        yield ha, man, page, path_of(page).removesuffix("/desk")


def token(page, document):
    sent = Form(page.text, f"{document}/files").sent()
    return {"X-CSRF-Token": sent["csrf"][0]} | JSON


async def reserve(browser, page, document, count):
    answer = await browser.http.post(
        f"{document}/places", data={"count": count}, headers=token(page, document)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["first"]


async def send(browser, page, document, place, name, *, content=None, after=None):
    """One file to its place. Its bytes go out once *after* has happened, so that the
    order in which uploads end is ours to choose.
    """
    lines = [
        b"--cut\r\nContent-Disposition: form-data; name=place\r\n\r\n%d\r\n" % place,
        b"--cut\r\nContent-Disposition: form-data; name=files; "
        b'filename="%s"\r\n\r\n' % name.encode(),
        SHEETS[name]() if content is None else content,
        b"\r\n--cut--\r\n",
    ]

    async def body():
        yield lines[0] + lines[1]
        if after is not None:
            await after.wait()
        yield lines[2] + lines[3]

    return await browser.http.post(
        f"{document}/files",
        content=body(),
        headers=token(page, document)
        | {"Content-Type": "multipart/form-data; boundary=cut"},
    )


async def files_of(house, document):
    known = await SqlCases(house.store).document(document.rsplit("/", 1)[-1])
    return known.files


def names_on(page):
    return re.findall(r'<span class="name">([^<]+)</span>', page.text)


@pytest.mark.parametrize("ending", list(permutations(SHEETS)), ids="-".join)
async def test_whatever_ends_first_the_order_is_the_clerks(house, desk, ending):
    """Three uploads at once that end in each possible order: 1, 2, 3."""
    ha, _, page, document = desk
    first = await reserve(ha, page, document, len(SHEETS))
    turns = {name: asyncio.Event() for name in SHEETS}
    sending = {
        name: asyncio.create_task(
            send(ha, page, document, first + n, name, after=turns[name])
        )
        for n, name in enumerate(SHEETS)
    }
    for name in ending:
        turns[name].set()
        assert (await sending[name]).status_code == 200
    assert [file.name for file in await files_of(house, document)] == list(SHEETS)
    shown = await ha.look(f"{document}/desk")
    assert re.findall(r"từ (\d\.pdf)", shown.text) == list(SHEETS)
    assert names_on(shown) == list(SHEETS)


async def test_two_desks_at_once_never_get_the_same_place(desk):
    """Twenty questions side by side: forty places, each given once, in pairs."""
    ha, man, page, document = desk
    other = await man.look(f"{document}/desk")
    asked = [
        reserve(*who, document, 2)
        for _ in range(10)
        for who in ((ha, page), (man, other))
    ]
    firsts = await asyncio.gather(*asked)
    places = sorted(place for first in firsts for place in (first, first + 1))
    assert places == list(range(1, 41))


async def test_later_drops_come_after_earlier_ones(house, desk):
    """The second drop arrives while the first is still on its way."""
    ha, man, page, document = desk
    other = await man.look(f"{document}/desk")
    early = await reserve(ha, page, document, 2)
    late = await reserve(man, other, document, 1)
    await send(man, other, document, late, "3.pdf")
    await send(ha, page, document, early + 1, "2.pdf")
    await send(ha, page, document, early, "1.pdf")
    assert [file.name for file in await files_of(house, document)] == list(SHEETS)


async def test_a_place_is_taken_once(house, desk):
    """The same file sent again is one file; another at a taken place goes to the end;
    a place that nobody reserved is the next one.
    """
    ha, _, page, document = desk
    first = await reserve(ha, page, document, 2)
    again = await asyncio.gather(
        *(send(ha, page, document, first, "1.pdf") for _ in range(3))
    )
    assert len({answer.json()["files"][0]["id"] for answer in again}) == 1
    await send(ha, page, document, first, "3.pdf")
    await send(ha, page, document, 999_999, "2.pdf")
    found = await files_of(house, document)
    assert [f.name for f in found] == ["1.pdf", "3.pdf", "2.pdf"]
    assert [f.position for f in found] == [1, 3, 4]


async def test_a_removed_file_may_be_sent_again_to_its_place(desk):
    """It is a new file then, after the others: removing is never undone by chance."""
    ha, _, page, document = desk
    first = await reserve(ha, page, document, 2)
    await send(ha, page, document, first, "1.pdf")
    await send(ha, page, document, first + 1, "2.pdf")
    shown = await ha.look(f"{document}/desk")
    removing = re.search(rf'action="({document}/files/\w+/remove)"', shown.text)[1]
    await ha.send(shown, removing)
    again = await send(ha, page, document, first, "1.pdf")
    assert again.json()["files"][0]["state"] == "good"
    assert names_on(await ha.look(f"{document}/desk")) == ["2.pdf", "1.pdf"]


async def test_refused_and_removed_files_leave_no_hole(house, desk):
    """Pages are numbered on: 1, 2, with a refused file and a removed one between."""
    ha, _, page, document = desk
    first = await reserve(ha, page, document, 4)
    await send(ha, page, document, first + 3, "3.pdf")
    await send(ha, page, document, first + 2, "2.pdf")
    await send(ha, page, document, first + 1, "1.pdf", content=b"no scan")
    await send(ha, page, document, first, "1.pdf")
    shown = await ha.look(f"{document}/desk")
    (second,) = [f.id for f in await files_of(house, document) if f.name == "2.pdf"]
    shown = await ha.send(shown, f"{document}/files/{second}/remove")
    assert re.findall(r'id="page-(\d+)"', shown.text) == ["1", "2"]
    assert re.findall(r"từ (\d\.pdf)", shown.text) == ["1.pdf", "3.pdf"]


async def test_equal_names_are_told_apart(desk):
    """By their order, in the list of files and under each page."""
    ha, _, page, document = desk
    first = await reserve(ha, page, document, 3)
    for place in (2, 1, 0):
        content = list(SHEETS.values())[place]()
        await send(ha, page, document, first + place, "1.pdf", content=content)
    shown = await ha.look(f"{document}/desk")
    names = ["1.pdf", "1.pdf (2)", "1.pdf (3)"]
    assert names_on(shown) == names
    assert re.findall(r"từ (\d\.pdf[^<·]*?)\s*<", shown.text) == names


async def test_without_script_one_form_keeps_its_order(house, desk):
    """Also after places were reserved that nobody used."""
    ha, _, page, document = desk
    await reserve(ha, page, document, 5)
    backwards = [(name, make()) for name, make in SHEETS.items()][::-1]
    await ha.upload(page, f"{document}/files", *backwards)
    assert [f.name for f in await files_of(house, document)] == [
        name for name, _ in backwards
    ]


@pytest.mark.parametrize("count", ["0", "-1", "1001", "x", "", "9" * 5000])
async def test_a_senseless_count_reserves_nothing(desk, count):
    """Refused in words, never a fault of ours."""
    ha, _, page, document = desk
    answer = await ha.http.post(
        f"{document}/places", data={"count": count}, headers=token(page, document)
    )
    assert answer.status_code in {400, 413, 422}
    assert await reserve(ha, page, document, 1) == 1


async def test_the_order_is_what_is_compared_submitted_and_approved(house, desk):
    """Sent backwards, all at once: the original's pages are those of the desk."""
    ha, _, page, document = desk
    first = await reserve(ha, page, document, 3)
    await asyncio.gather(
        *(
            send(ha, page, document, first + n, name)
            for n, name in reversed(list(enumerate(SHEETS)))
        )
    )
    shown = await ha.look(f"{document}/desk")
    shown = await ha.send(shown, f"{document}/compare", all_present="1")
    await ha.send(shown, f"{document}/submit")
    known = await SqlCases(house.store).document(document.rsplit("/", 1)[-1])
    sources = [page.sha256 for file in known.files for page in file.part.pages]
    signed = [tuple(i.sha256 for i in page.images) for page in known.original.manifest]
    assert [file.name for file in known.files] == list(SHEETS)
    assert signed == sources
