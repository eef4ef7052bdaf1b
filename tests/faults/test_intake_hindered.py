"""The desk while its database does not answer, and while somebody guesses."""

import pytest

from support import intake, servers
from support.intake import Browser, app_of, browsing, open_desk


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


async def test_a_silent_database_is_a_503_in_plain_words(tmp_path):
    """PostgreSQL is gone in the middle of the day: what is safe, what to do, when the
    page tries again; a program gets the sentence, not its key. Nothing is a 500.
    """
    with servers.postgres_server() as postgres:
        opened = intake.house(postgres.database(), tmp_path, intake.Hands())
        await intake.hire(opened.store, opened.clock)
        app = app_of(opened)
        async with browsing(app, "ha") as (clerk,):
            form = await clerk.look("/cases/new")
            await _stop(postgres)
            page = await clerk.look("/cases/new")
            posted = await clerk.send(form, "/cases", **intake.CASE)
            program = await clerk.http.get("/v1/cases/x")
        await opened.store.close()
    assert (page.status_code, posted.status_code) == (503, 503)
    assert page.headers["retry-after"] == "60"
    assert 'http-equiv="refresh"' in page.text
    assert 'href="/cases/new"' in page.text
    assert "số đã cấp còn nguyên" in page.text
    assert 'http-equiv="refresh"' not in posted.text
    problem = program.json()
    assert (program.status_code, problem["type"]) == (503, "urn:ecopy:503")
    assert problem["detail"].startswith("The file store or the database cannot be used")


async def _stop(postgres):
    """As a power cut does: no connection is said goodbye to."""
    import os
    import signal

    pid = int((postgres.directory / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    servers.wait_for(
        lambda: not (postgres.directory / "data" / "postmaster.pid").exists(), "its end"
    )


async def test_a_refusal_of_a_program_is_a_sentence(house):
    """``detail`` says what the page would say."""
    async with browsing(app_of(house), "ha") as (clerk,):
        token = (await clerk.look("/account")).text.split('name="csrf" value="')[1]
        answer = await clerk.http.post(
            "/documents/H99.42.05.13-261123-0001-1/compare",
            headers={"Accept": "application/json", "X-CSRF-Token": token.split('"')[0]},
        )
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "Tick once all pages were compared with the original"
    )


async def test_wrong_passwords_over_many_accounts_lock_the_address(house):
    """Thirty from one address, never five of one account; others are not locked."""
    app = app_of(house)
    guesser, other = Browser(app, "192.0.2.66"), Browser(app, "192.0.2.7")
    answers = [await guesser.sign_in(f"nobody-{n}", "wrong") for n in range(30)]
    assert [each.status_code for each in answers] == [401] * 29 + [429]
    locked = await guesser.sign_in("ha")
    assert locked.status_code == 429
    assert (await other.sign_in("ha")).url.path == "/"
    house.clock.on(minutes=15, seconds=1)
    assert (await guesser.sign_in("ha")).url.path == "/"
    for browser in (guesser, other):
        await browser.http.aclose()
