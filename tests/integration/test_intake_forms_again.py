"""A form survives the end of a session: sign in, and what was typed stands there."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from corpus import scans
from intake.adapters.sql.tables import cases
from support.intake import CASE, PASSWORD, Form, app_of, browsing, open_desk, path_of

PAPER = {
    "title": "Giấy khai sinh",
    "kind": "birth-certificate",
    "issuing_body": "UBND xã Tả Vân",
    "pages": "3",
}
WORDS = "Trang 2: “ngày sinh” bị tẩy <b>, xem lại & ghi rõ.\nDòng hai."


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


async def counted(house):
    return await house.store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(cases))
    )


async def sign_in_on(browser, page, user, password=PASSWORD):
    """On the sign-in page that stands there, wherever it came from."""
    return await browser.send(page, "/sign-in", user=user, password=password)


async def submitted(clerk):
    page = await clerk.look("/cases/new")
    page = await clerk.send(page, "/cases", **CASE)
    document = path_of(page).removesuffix("/desk")
    page = await clerk.upload(
        page, f"{document}/files", ("bang.pdf", scans.small_pdf())
    )
    page = await clerk.send(page, f"{document}/compare", all_present="1")
    await clerk.send(page, f"{document}/submit")
    return document


def idle(house, _browser):
    house.clock.on(minutes=16)


def cookie_gone(_house, browser):
    browser.http.cookies.clear()


@pytest.mark.parametrize("end", [idle, cookie_gone])
async def test_a_new_case_survives_the_end_of_the_session(house, end):
    """Typed, the session ends, sent: after signing in it stands there, ready to send,
    and nothing was sent by itself; sent, it is one case.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        end(house, clerk)
        page = await clerk.send(page, "/cases", **CASE)
        assert page.status_code == 401
        assert "những gì vừa nhập sẽ hiện lại" in page.text
        page = await sign_in_on(clerk, page, "ha")
        assert "Phiên làm việc đã hết trước khi gửi" in page.text
        assert await counted(house) == 0
        form = Form(page.text, "/cases").sent()
        for name in ("requester", "id_number", "birth_date", "title", "pages"):
            assert form[name] == [CASE[name]], name
        page = await clerk.send(page, "/cases", **CASE)
        assert path_of(page).endswith("/desk")
    assert await counted(house) == 1


async def test_a_wrong_password_does_not_lose_it(house):
    """Nor does an empty one: the sign-in form carries it on."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        clerk.http.cookies.clear()
        page = await clerk.send(page, "/cases", **CASE)
        for wrong in ("", "falsch-falsch"):
            page = await sign_in_on(clerk, page, "ha", wrong)
            assert page.status_code in {401, 422}
        page = await sign_in_on(clerk, page, "ha")
        assert 'value="Nguyễn Thị Bích Đào"' in page.text


async def test_nobody_else_sees_what_was_typed(house):
    """Another person signs in on that page: an empty form, and no trace anywhere."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        clerk.http.cookies.clear()
        page = await clerk.send(page, "/cases", **CASE)
        page = await sign_in_on(clerk, page, "man")
        assert path_of(page) == "/cases/new"
        assert "Bích Đào" not in page.text
        assert "000203004417" not in page.text
    assert await counted(house) == 0


async def test_one_more_paper_survives(house):
    """The case stands there with its form open and filled."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        page = await clerk.send(page, "/cases", **CASE)
        case = re.search(r'href="(/cases/H99[^"]+)"', page.text)[1]
        page = await clerk.look(case)
        clerk.http.cookies.clear()
        page = await clerk.send(page, f"{case}/documents", **PAPER)
        page = await sign_in_on(clerk, page, "ha")
        form = Form(page.text, f"{case}/documents").sent()
        assert {name: form[name] for name in PAPER} == {
            n: [v] for n, v in PAPER.items()
        }
        page = await clerk.send(page, f"{case}/documents", **PAPER)
        assert path_of(page).endswith("-2/desk")


@pytest.mark.parametrize("act", ["refuse", "send-back"])
async def test_a_decision_survives(house, act):
    """The words and the code stand in the open dialog, letter for letter."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk)
        action = f"{document}/{act}"
        page = await certifier.look(f"/wall/{document.rsplit('/', 1)[1]}")
        certifier.http.cookies.clear()
        typed = {"text": WORDS} | ({"code": "D22.2"} if act == "refuse" else {})
        page = await certifier.send(page, action, **typed)
        page = await sign_in_on(certifier, page, "vinh")
        assert f'<dialog id="{act}" open' in page.text
        assert (
            "bị tẩy &lt;b&gt;, xem lại &amp; ghi rõ.\nDòng hai.</textarea>" in page.text
        )
        ticked = re.findall(r'value="([\w.]+)" required[^>]* checked', page.text)
        assert ticked == (["D22.2"] if act == "refuse" else [])
        page = await certifier.send(page, action, **typed)
        assert path_of(page) == "/wall"
        assert (
            "bị tẩy" in (await clerk.look(f"{document}/desk")).text or act == "refuse"
        )


async def test_words_for_a_paper_that_has_moved_on_are_shown(house):
    """Another certifier was first: the form is gone, but the words stand there."""
    async with browsing(app_of(house), "ha", "vinh", "loc") as (clerk, one, other):
        document = await submitted(clerk)
        wall = f"/wall/{document.rsplit('/', 1)[1]}"
        page, theirs = await one.look(wall), await other.look(wall)
        await other.send(theirs, f"{document}/send-back", text="Mờ")
        one.http.cookies.clear()
        page = await one.send(page, f"{document}/send-back", text=WORDS)
        page = await sign_in_on(one, page, "vinh")
        assert "Bước này không còn làm được" in page.text
        assert "“ngày sinh” bị tẩy &lt;b&gt;" in page.text
        assert "còn nguyên ở đây" not in page.text


async def test_the_form_of_an_earlier_session_is_no_loss(house):
    """Signed in again in another tab: the token is of before, the words stay."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        await clerk.send(await clerk.look("/"), "/sign-out")
        await clerk.sign_in("ha")
        page = await clerk.send(page, "/cases", **CASE)
        assert page.status_code == 409
        assert "phiên làm việc trước" in page.text
        assert 'value="Nguyễn Thị Bích Đào"' in page.text
        assert await counted(house) == 0
        page = await clerk.send(page, "/cases", **CASE)
        assert path_of(page).endswith("/desk")


async def test_a_form_that_had_acted_leads_to_its_outcome(house):
    """The answer was lost and the session ended: no second case after signing in."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        first = await clerk.send(page, "/cases", **CASE)
        clerk.http.cookies.clear()
        again = await clerk.send(page, "/cases", **CASE)
        again = await sign_in_on(clerk, again, "ha")
        assert path_of(again) == path_of(first)
    assert await counted(house) == 1


@pytest.mark.parametrize(
    ("method", "path", "there"),
    [
        ("POST", "/cases", "/cases/new"),
        ("POST", "/cases/H99.1-1/documents", "/cases/H99.1-1"),
        ("POST", "/documents/H99.1-1-1/compare", "/documents/H99.1-1-1/desk"),
        ("POST", "/documents/H99.1-1-1/approve", "/wall/H99.1-1-1"),
        ("POST", "/account/password", "/account"),
        ("GET", "/register?year=2026&month=3", "/register?year=2026&month=3"),
        ("GET", "/cases/new", "/cases/new"),
    ],
)
async def test_signing_in_leads_back_to_the_page(house, method, path, there):
    """Also where nothing typed is kept, and with the query of a link."""
    async with browsing(app_of(house), "ha") as (clerk,):
        clerk.http.cookies.clear()
        page = await clerk.http.request(method, path)
        assert path_of(page) == "/sign-in"
        assert Form(page.text, "/sign-in").sent()["next"] == [there]


@pytest.mark.parametrize(
    "sent",
    [
        {"kept_to": "/cases", "kept": "requester=x"},
        {"kept_to": "/cases", "kept": "key=1.x.y&requester=x"},
        {"kept_to": "/documents/x/approve", "kept": "key=1.x.y"},
        {"kept_to": "//elsewhere.example/cases", "kept": "key=1.x.y"},
        {"kept_to": "/cases", "kept": "&".join(["a=1"] * 3000)},
        {"kept_to": "/cases", "kept": "key=" + "9" * 70_000},
    ],
    ids=range(6),
)
async def test_whatever_comes_in_the_sign_in_form_is_no_fault(house, sent):
    """Made up, of nobody, too long: signed in, and on to the board."""
    async with browsing(app_of(house), "ha") as (clerk,):
        clerk.http.cookies.clear()
        data = {"user": "ha", "password": PASSWORD, **sent}
        page = await clerk.http.post("/sign-in", data=data)
        assert (page.status_code, path_of(page)) == (200, "/")


async def test_a_form_from_another_site_is_never_kept(house):
    """No page elsewhere puts words into somebody's sign-in form."""
    async with browsing(app_of(house), "ha") as (clerk,):
        key = Form((await clerk.look("/cases/new")).text, "/cases").sent()["key"][0]
        clerk.http.cookies.clear()
        answer = await clerk.http.post(
            "/cases",
            content=urlencode(CASE | {"key": key}),
            headers={
                "Sec-Fetch-Site": "cross-site",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert path_of(answer) == "/sign-in"
        assert "Bích Đào" not in answer.text


OFFICE = {
    "/calendar": {"first": "2026-12-24", "name": "Nghỉ <lễ>", "kind": "holiday"},
    "/calendar/hours": {"closes": "16:30", "valid_from": "2026-12-01"},
    "/fees": {"basis": "NQ 7/2026", "first_rate": "1500", "ceiling": "90000"},
    "/programs": {"name": "Cổng của tỉnh", "last_day": "2027-03-01"},
}


async def test_a_form_of_the_office_gives_back_what_was_typed(house):
    """Each of its pages, when the session is another one; and then it acts."""
    async with browsing(app_of(house), "long") as (administrator,):
        pages = {
            path: await administrator.look(path.removesuffix("/hours"))
            for path in OFFICE
        }
        await administrator.send(await administrator.look("/"), "/sign-out")
        await administrator.sign_in("long")
        for path, typed in OFFICE.items():
            again = await administrator.send(pages[path], path, **typed)
            assert again.status_code == 409, path
            assert "phiên làm việc trước" in again.text
            sent = Form(again.text, path).sent()
            assert {name: [value] for name, value in typed.items()}.items() <= (
                sent.items()
            )
        done = await administrator.send(again, "/programs", scopes="read-cases")
        assert path_of(done) == "/programs"
