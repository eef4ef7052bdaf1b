"""What a person looked at is what is signed: pictures, comparisons and approvals."""

import re
from hashlib import sha256

import pytest

from corpus import scans
from intake.adapters.sql.cases import SqlCases
from support.intake import CASE, Form, app_of, browsing, open_desk, path_of

TWO = CASE | {"pages": "2"}


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


async def stored_document(house, document):
    return await SqlCases(house.store).document(document.rsplit("/", 1)[-1])


async def scanned(clerk, *files, case=CASE):
    page = await clerk.look("/cases/new")
    page = await clerk.send(page, "/cases", **case)
    document = path_of(page).removesuffix("/desk")
    page = await clerk.upload(page, f"{document}/files", *files)
    return page, document


async def submitted(clerk, *files, case=CASE):
    page, document = await scanned(clerk, *files, case=case)
    page = await clerk.send(page, f"{document}/compare", all_present="1")
    page = await clerk.send(page, f"{document}/submit")
    assert path_of(page).startswith("/cases/"), page.text
    return document


async def scanned_again(clerk, document, *files):
    """The files of before are removed, others take their place, and it goes on."""
    page = await clerk.look(f"{document}/desk")
    for old in re.findall(rf'action="({document}/files/[0-9a-f]+/remove)"', page.text):
        page = await clerk.look(f"{document}/desk")
        page = await clerk.send(page, old)
    page = await clerk.upload(page, f"{document}/files", *files)
    page = await clerk.send(page, f"{document}/compare", all_present="1")
    await clerk.send(page, f"{document}/submit")


def wall_of(document):
    return f"/wall/{document.rsplit('/', 1)[-1]}"


def pictures_on(page):
    return re.findall(r'src="(/documents/[^"]+/(?:large|thumb))"', page.text)


def first():
    return ("cu.pdf", scans.grey_pdf())


def second():
    return ("moi.pdf", scans.small_pdf())


async def test_a_rescan_has_another_address_and_the_old_one_is_gone(house):
    """Sent back and scanned again: no address of before answers, none is reused."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk, first())
        wall = await certifier.look(wall_of(document))
        old = pictures_on(wall)
        before = await certifier.look(old[0])
        assert before.status_code == 200
        await certifier.send(wall, f"{document}/send-back", text="Mờ")
        await scanned_again(clerk, document, second())
        again = await certifier.look(wall_of(document))
        assert not set(old) & set(pictures_on(again))
        assert (await certifier.look(old[0])).status_code == 404
        after = await certifier.look(pictures_on(again)[0])
        assert after.content != before.content


async def test_a_picture_is_never_kept_by_a_browser(house):
    """Large and small, at the wall and at the page desk: no-store, no exception."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk, second())
        desk = await clerk.look(f"{document}/desk")
        wall = await certifier.look(wall_of(document))
        shown = {*pictures_on(desk), *pictures_on(wall)}
        assert {address.rsplit("/", 1)[1] for address in shown} == {"large", "thumb"}
        for address in shown:
            picture = await certifier.look(address)
            assert picture.status_code == 200
            assert picture.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("page", ["1", "0" * 64, "F" * 64, "x", "9" * 5000])
async def test_no_other_page_has_a_picture(house, page):
    """A number, a digest of nothing, whatever is typed: 404."""
    async with browsing(app_of(house), "ha") as (clerk,):
        _, document = await scanned(clerk, second())
        for size in ("large", "thumb"):
            answer = await clerk.look(f"{document}/pictures/{page}/{size}")
            assert answer.status_code == 404


async def test_old_digests_approve_nothing(house):
    """Whoever looked at the scan of before is refused in words; no number is taken."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk, first())
        wall = await certifier.look(wall_of(document))
        seen = Form(wall.text, f"{document}/approve").boxes["seen"]
        await certifier.look(pictures_on(wall)[0])
        await certifier.send(wall, f"{document}/send-back", text="Mờ")
        await scanned_again(clerk, document, second())
        again = await certifier.look(wall_of(document))
        refused = await certifier.send(again, f"{document}/approve", seen=seen)
        assert refused.status_code == 422
        assert "không phải các trang hiện có của giấy này" in refused.text
        bearer = await as_program(certifier)
        version = (await stored_document(house, document)).version
        answer = await certifier.http.post(
            f"/v1{document}/approve",
            json={"version": version, "seen": seen},
            headers=bearer,
        )
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:ecopy:pages-changed"
        assert "1/2026" not in (await clerk.look("/register?year=2026&month=11")).text
        done = await certifier.approve(again, document)
        assert done.status_code == 200
        assert "1/2026" in (await clerk.look("/register?year=2026&month=11")).text


async def as_program(browser):
    credentials = {"user": "vinh", "password": "lua-nuoc-song-nui-1"}
    answer = await browser.http.post("/v1/sign-in", json=credentials)
    return {"Authorization": f"Bearer {answer.json()['session']}"}


async def test_pages_are_approved_in_their_order(house):
    """The same two pages named the other way round are another document."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk, first(), second(), case=TWO)
        wall = await certifier.look(wall_of(document))
        seen = Form(wall.text, f"{document}/approve").boxes["seen"]
        for address in pictures_on(wall):
            await certifier.look(address)
        refused = await certifier.send(wall, f"{document}/approve", seen=seen[::-1])
        assert refused.status_code == 422
        assert "không phải các trang hiện có" in refused.text
        partly = await certifier.send(wall, f"{document}/approve", seen=seen[:1])
        assert partly.status_code == 422
        assert "Còn trang 2 chưa xem" in partly.text
        done = await certifier.send(wall, f"{document}/approve", seen=seen)
        assert done.status_code == 200


async def test_boxes_without_pictures_approve_nothing(house):
    """The digests stand in the page; what counts is that the pictures were asked for,
    by this person, for this document, large, and not by HEAD or a prefetch.
    """
    async with browsing(app_of(house), "ha", "vinh", "loc") as (clerk, one, other):
        document = await submitted(clerk, second())
        await submitted(clerk, second())
        # Beside it a small one stands, where pages are sent back.
        shown = pictures_on(await other.look(wall_of(document)))
        (large,) = [picture for picture in shown if picture.endswith("large")]
        assert (await other.look(large)).status_code == 200
        wall = await one.look(wall_of(document))
        seen = Form(wall.text, f"{document}/approve").boxes["seen"]
        await one.http.head(large)
        for header in ("Sec-Purpose", "Purpose", "X-Moz"):
            await one.http.get(large, headers={header: "prefetch"})
        await one.look(large.replace("large", "thumb"))
        twin = document.replace("0001", "0002")
        assert (await one.look(large.replace(document, twin))).status_code == 200
        refused = await one.send(wall, f"{document}/approve", seen=seen)
        assert refused.status_code == 422
        assert "Ảnh trang 1 chưa được mở" in refused.text
        await one.look(large)
        done = await one.send(wall, f"{document}/approve", seen=seen)
        assert done.status_code == 200


async def test_the_clerk_compares_the_pages_on_the_screen(house):
    """A form that names other pages is refused in words, with the current version."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, first())
        (old,) = Form(page.text, f"{document}/compare").sent()["page"]
        remove = re.search(rf'action="({document}/files/\w+/remove)"', page.text)[1]
        page = await clerk.send(page, remove)
        page = await clerk.upload(page, f"{document}/files", second())
        refused = await clerk.send(
            page, f"{document}/compare", all_present="1", page=old
        )
        assert refused.status_code == 422
        assert "không phải các trang hiện có" in refused.text
        assert (await stored_document(house, document)).compared_by is None
        await clerk.send(page, f"{document}/compare", all_present="1")
        compared = await stored_document(house, document)
        assert compared.compared_pages == compared.page_digests != (old,)


async def test_signing_out_makes_the_browser_forget(house):
    """And signing in, in case somebody left without signing out."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/")
        out = await clerk.send(page, "/sign-out")
        (left,) = out.history
        assert left.headers["clear-site-data"] == '"cache", "storage"'
        into = await clerk.sign_in("man")
        assert into.history[0].headers["clear-site-data"] == '"cache"'


async def test_a_picture_is_stored_under_its_own_bytes(house):
    """Not under the file's: what an older version drew of the same streams, and left in
    the store, is never shown for what this version draws.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        _, document = await scanned(clerk, second())
    for file in (await stored_document(house, document)).files:
        for key in (*file.part.thumbs, *file.part.previews):
            stored = await house.objects.get(key)
            assert key.split("/")[1] == f"{sha256(stored).hexdigest()}.jpg"
