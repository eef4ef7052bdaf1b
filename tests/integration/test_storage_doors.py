"""Nobody shuts the public face: slow, half, many and greedy clients, real sockets."""

import asyncio
import contextlib

import httpx
import pytest

from storage.wiring.public_face import face
from support.knocking import HONEST, STRANGER, ask, knock, listening
from support.storage import HOST, TOKEN, shelf
from support.waiting import LONG_SECONDS

COPY = b"%PDF-1.7\n" + bytes(range(256)) * 400 + b"\nstartxref\n9\n%%EOF\n"
LARGE = COPY[:9] + bytes(12_000_000)
HEADERS = {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cache-control",
}
POST = "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n"


@contextlib.asynccontextmanager
async def house(tmp_path, content=COPY, *, limits=None, **connections):
    settings = {"limits": limits or {}, "connections": connections}
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/doors.db", **settings) as store:
        await store.archived(content)
        app = face(store.settings, store.storage, clock=store.hands)
        async with listening(app, store.settings.connections) as port:
            yield port


def of(store, address):
    """A browser at *address*."""
    app = face(store.settings, store.storage, clock=store.hands)
    return app, lambda source=address: httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(source, 40000)), base_url=HOST
    )


async def post(port, content, source=HONEST):
    client = await knock(port, source)
    await client.send(POST.format(len(content)), content)
    try:
        return await client.hear()
    finally:
        client.close()


async def test_slow_posts_take_no_place_from_others(tmp_path):
    """Four bodies that do not end, and one place for judging: the honest file is judged
    at once, because a place is taken by what has arrived.
    """
    limits = {"files_at_once": 1, "place_seconds": 5.0}
    async with house(tmp_path, limits=limits, patience_seconds=60.0) as port:
        slow = [await knock(port, STRANGER) for _ in range(4)]
        for client in slow:
            await client.send(POST.format(100), COPY[:10])
        honest = await post(port, COPY)
        fifth = await post(port, COPY, STRANGER)
    assert honest.status == 200
    assert '"genuine"' in honest.body
    assert fifth.status == 503


async def test_a_body_below_the_least_rate_is_ended_in_words(tmp_path):
    """408 with the page's words, its headers and when to come again; not before the
    patience is used up, and not for a body that keeps up.
    """
    async with house(tmp_path, patience_seconds=0.3) as port:
        slow = await knock(port, STRANGER)
        form = "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        await slow.send(
            "POST /kiem-tra HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n", form, "--b"
        )
        page = await slow.hear()
        program = await knock(port, STRANGER)
        await program.send(POST.format(100), "x")
        program_answer = await program.hear()
        kept_up = await post(port, COPY)
        assert await slow.ended()
    assert page.status == program_answer.status == 408
    assert "Tệp đến quá chậm" in page.body
    assert set(page.headers) >= HEADERS | {"retry-after"}
    assert program_answer.headers["content-type"] == "application/problem+json"
    assert int(program_answer.headers["retry-after"]) > 0
    assert kept_up.status == 200


async def test_a_fast_beginning_gives_no_credit_for_a_pause(tmp_path):
    """Megabytes at once, and then silence: the debt counts from the silence on."""
    async with house(tmp_path, patience_seconds=0.3) as port:
        client = await knock(port)
        await client.send(POST.format(9_000_000), bytes(3_000_000))
        answer = await client.hear()
    assert answer.status == 408


async def test_headers_that_do_not_end_are_ended(tmp_path):
    """Half headers hear 408 in both languages; silence is closed without words; a
    second request on the same connection has the same deadline.
    """
    async with house(tmp_path, header_seconds=0.5) as port:
        half = [await knock(port, STRANGER) for _ in range(20)]
        for client in half:
            await client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Half: ")
        silent = await knock(port, STRANGER)
        again = await knock(port)
        await again.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = await again.hear()
        await again.send("GET /heal")
        answers = [await client.hear() for client in half]
        second = await again.hear()
        assert (await silent.hear()).status == 0
        assert all([await client.ended() for client in (*half, again)])
        honest = await ask(port, "/healthz")
    assert {one.status for one in answers} == {second.status} == {408}
    assert set(answers[0].headers) >= HEADERS | {"retry-after"}
    assert "quá chậm" in answers[0].body
    assert "too slowly" in answers[0].body
    assert first.status == honest.status == 200


async def test_300_connections_of_one_address_leave_room_for_others(tmp_path):
    """Forty may stay; the others hear 503, or are closed where even words would cost
    too much. Somebody else is answered all the while.
    """
    limits = {"at_once": 120, "at_once_per_address": 40, "header_seconds": LONG_SECONDS}
    async with house(tmp_path, **limits) as port:
        many = [await knock(port, STRANGER) for _ in range(300)]
        honest = [await ask(port, f"/c/{TOKEN}") for _ in range(5)]
        answers = [await client.hear() for client in many[40:]]
        for client in many[:40]:
            await client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        stayed = [await client.hear() for client in many[:40]]
    assert [one.status for one in honest] == [200] * 5
    assert {one.status for one in answers} <= {503, 0}
    refused = next(one for one in answers if one.status == 503)
    assert set(refused.headers) >= HEADERS | {"retry-after"}
    assert "quá nhiều kết nối" in refused.body
    assert "Too many connections" in refused.body
    assert [one.status for one in stayed] == [200] * 40


async def test_when_all_places_are_taken_the_largest_holder_gives_one_up(tmp_path):
    """Its oldest silent connection is closed for the newcomer."""
    limits = {"at_once": 12, "at_once_per_address": 12, "header_seconds": LONG_SECONDS}
    async with house(tmp_path, **limits) as port:
        await asyncio.sleep(0.1)
        many = [await knock(port, STRANGER) for _ in range(12)]
        honest = await ask(port, f"/c/{TOKEN}")
        assert await many[0].ended()
    assert honest.status == 200


async def test_what_is_no_http_has_our_words_and_headers(tmp_path):
    """400 in both languages, and the log has no trace of it."""
    async with house(tmp_path) as port:
        client = await knock(port)
        await client.send("\x16\x03\x01 nonsense\r\n\r\n")
        answer = await client.hear()
        assert await client.ended()
    assert answer.status == 400
    assert set(answer.headers) >= HEADERS
    assert "Chưa đọc được yêu cầu" in answer.body


async def test_an_answer_that_nobody_reads_is_ended(tmp_path):
    """A download whose client stops reading does not stay for ever."""
    async with house(tmp_path, LARGE, unread_seconds=0.4) as port:
        client = await knock(port)
        client.writer.transport.pause_reading()
        await client.send(f"GET /c/{TOKEN}/download HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(2)
        client.writer.transport.resume_reading()
        arrived = 0
        with contextlib.suppress(ConnectionError):
            while piece := await client.reader.read(1 << 20):
                arrived += len(piece)
    assert 0 < arrived < len(LARGE)


async def test_bytes_on_disk_have_one_limit(tmp_path):
    """What does not fit is told to come again; afterwards there is room as before."""
    limits = {"spool_bytes": 3_000_000}
    async with house(tmp_path, limits=limits) as port:
        large = await post(port, bytes(3_000_001 + (1 << 20)))
        fits = [await post(port, COPY) for _ in range(3)]
        again = await post(port, bytes(2_900_000))
    assert large.status == 503
    assert [one.status for one in fits] == [200] * 3
    assert again.status == 200


async def test_a_blocked_address_spends_nobody_elses_budget(tmp_path):
    """The clock stands still: 100 requests for everybody together. One address that is
    stopped asks 300 times more, and a holder is answered each time.
    """
    limits = {"requests_per_second": 100, "codes_per_window": 1}
    url = f"sqlite:///{tmp_path}/blocked.db"
    async with shelf(tmp_path, url, limits=limits) as store:
        await store.archived(COPY)
        _, at = of(store, HONEST)
        async with at() as honest, at(STRANGER) as stranger:
            first = await stranger.get("/k/0000-0000-0000")
            blocked = [await stranger.get("/k/0000-0000-0000") for _ in range(300)]
            held = [await honest.get(f"/c/{TOKEN}") for _ in range(20)]
    assert first.status_code == 404
    assert {one.status_code for one in blocked} == {429}
    assert [one.status_code for one in held] == [200] * 20


@pytest.mark.parametrize(
    "greedy", [("192.0.2.1",), tuple(f"2001:db8:0:{n}::1" for n in range(9))]
)
async def test_greedy_addresses_get_their_share_and_quiet_ones_are_answered(
    tmp_path, greedy
):
    """One address, or nine networks, each far beyond its share; and a holder who asks
    twice. Of 100 a second an address gets 25 at most.
    """
    limits = {"requests_per_second": 100}
    url = f"sqlite:///{tmp_path}/greedy.db"
    async with shelf(tmp_path, url, limits=limits) as store:
        await store.archived(COPY)
        _, at = of(store, HONEST)
        answered = []
        for source in greedy:
            async with at(source) as stranger:
                answers = [await stranger.get(f"/c/{TOKEN}") for _ in range(40)]
            answered.append(sum(one.status_code == 200 for one in answers))
        async with at() as honest:
            held = [await honest.get(f"/c/{TOKEN}") for _ in range(2)]
    assert max(answered) <= 25
    assert sum(answered) <= 98
    assert [one.status_code for one in held] == [200, 200]


async def test_addresses_that_guess_links_spend_nobody_elses_budget(tmp_path):
    """The clock stands still. Nine networks that have guessed too often are looked up
    from a part of their own, 25 of 100 together; a busy address has all of its share.
    """
    limits = {"requests_per_second": 100, "wrong_links_per_window": 1}
    url = f"sqlite:///{tmp_path}/guessers.db"
    async with shelf(tmp_path, url, limits=limits) as store:
        await store.archived(COPY)
        _, at = of(store, HONEST)
        opened = []
        for number in range(9):
            async with at(f"2001:db8:0:{number}::1") as guesser:
                assert (await guesser.get("/c/wrong")).status_code == 404
                answers = [await guesser.get(f"/c/{TOKEN}") for _ in range(10)]
            opened += [one.status_code for one in answers]
        async with at() as honest:
            held = [await honest.get(f"/c/{TOKEN}") for _ in range(25)]
    assert opened.count(200) == 25
    assert set(opened) == {200, 429}
    assert [one.status_code for one in held] == [200] * 25


async def test_links_tried_at_the_same_moment_are_all_counted(tmp_path):
    """Five wrong ones hear 404, however many come at once; a right one is free."""
    limits = {"wrong_links_per_window": 5}
    url = f"sqlite:///{tmp_path}/guess.db"
    async with shelf(tmp_path, url, limits=limits) as store:
        await store.archived(COPY)
        _, at = of(store, HONEST)
        async with at() as web:
            right = [await web.get(f"/c/{TOKEN}") for _ in range(10)]
            answers = await asyncio.gather(
                *(web.get(f"/c/wrong{n}") for n in range(20))
            )
    assert {one.status_code for one in right} == {200}
    statuses = sorted(one.status_code for one in answers)
    assert statuses == [404] * 5 + [429] * 15
