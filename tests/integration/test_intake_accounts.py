"""Accounts as people meet them: made by an administrator, a password shown once, and
another one chosen before anything else.
"""

import re

import pytest_asyncio

from support.intake import PASSWORD, app_of, browsing
from support.papers import open_papers

OWN = "mot cau dai de nho"


@pytest_asyncio.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


def shown(page):
    return re.search(r'id="given">([0-9a-z-]{19})<', page.text)


async def test_a_new_colleague_chooses_a_password_before_anything_else(papers):
    """The first one is shown once, to whoever made the account; a second press shows
    the list instead.
    """
    app = app_of(papers.opened)
    typed = {"user": "may", "name": "Sùng Thị Máy", "roles": ["clerk"], "officer": ""}
    async with browsing(app, "long") as (administrator,):
        page = await administrator.look("/accounts")
        made = await administrator.send(page, "/accounts", **typed)
        again = await administrator.send(page, "/accounts", **typed)
    given = shown(made)[1]
    assert made.headers["cache-control"] == "no-store"
    assert shown(again) is None
    assert again.url.path == "/accounts"
    assert again.text.count('class="sub code">may<') == 1

    async with browsing(app, "ha") as (clerk,):
        page = await clerk.look("/account")
        await clerk.send(page, "/sign-out")
        page = await clerk.look("/sign-in")
        page = await clerk.send(page, "/sign-in", user="may", password=given)
        assert page.url.path == "/account"
        assert "Đặt mật khẩu của riêng mình" in page.text
        for path in ("/", "/cases/new", "/register"):
            assert (await clerk.look(path)).url.path == "/account"
        program = await clerk.http.get("/v1/quote?pages=1")
        assert (program.status_code, program.json()["type"]) == (
            403,
            "urn:ecopy:password-must-change",
        )
        words = {"current": given, "new": OWN, "again": OWN}
        page = await clerk.send(page, "/account/password", **words)
        page = await clerk.send(page, "/sign-in", user="may", password=OWN)
        assert (await clerk.look("/cases/new")).url.path == "/cases/new"


async def test_a_given_password_ends_the_old_one_and_every_session(papers):
    """Whoever was signed in is out, and the old password opens nothing."""
    app = app_of(papers.opened)
    async with browsing(app, "long", "man") as (administrator, clerk):
        page = await administrator.look("/accounts/man")
        page = await administrator.send(page, "/accounts/man/password")
        assert shown(page) is not None
        page = await clerk.look("/cases/new")
        assert page.url.path == "/sign-in"
        page = await clerk.send(page, "/sign-in", user="man", password=PASSWORD)
        assert page.status_code == 401
        page = await clerk.send(page, "/sign-in", user="man", password="x")
        assert page.status_code == 401


async def test_what_was_typed_wrongly_stands_there_again(papers):
    """With a sentence at each field; nothing is made."""
    typed = {"user": "Máy", "name": "Sùng Thị Máy", "roles": ["auditor", "clerk"]}
    async with browsing(app_of(papers.opened), "long") as (administrator,):
        page = await administrator.look("/accounts")
        page = await administrator.send(page, "/accounts", **typed)
        assert page.status_code == 422
        assert "Các vai trò này không giữ chung" in page.text
        assert 'value="Sùng Thị Máy"' in page.text
        assert 'value="auditor" checked' in page.text
        page = await administrator.send(page, "/accounts", roles=["clerk"])
        assert page.status_code == 422
        assert "Nhập tên đăng nhập" in page.text
        page = await administrator.look("/accounts/long")
        page = await administrator.send(page, "/accounts/long/lock")
        assert (page.status_code, "quản trị cuối cùng" in page.text) == (422, True)
