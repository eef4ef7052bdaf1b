"""What a body on its way owes, and the last word when nobody else has one."""

import pytest
from starlette.responses import PlainTextResponse
from structlog.testing import capture_logs

from chassis import http
from chassis.bodies import CrowdedError, Debt, SlowBodyError
from chassis.settings import ConnectionSettings
from chassis.web import LANGUAGES, SHARED, load_catalogue

LIMITS = ConnectionSettings(
    least_bytes_per_second=100, patience_seconds=10, body_seconds=60
)
POST = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "query_string": b"",
    "headers": [(b"content-length", b"10")],
    "client": ("192.0.2.7", 1),
}


def paid(*pieces):
    debt = Debt(LIMITS)
    for waited, size in pieces:
        debt.pay(waited, size)
    return debt


def test_a_body_at_the_least_rate_comes_as_long_as_it_may():
    """And not a second longer than a body may be waited for."""
    assert paid(*[(1, 100)] * 59).seconds_left == pytest.approx(1)
    with pytest.raises(SlowBodyError):
        paid(*[(1, 100)] * 60)


def test_bytes_that_came_fast_give_no_credit():
    """A million bytes, then silence: ten seconds, as at the beginning."""
    assert paid((0.1, 1_000_000)).seconds_left == pytest.approx(10)


@pytest.mark.parametrize("pieces", [[(10, 0)], [(1, 1)] * 11, [(4, 100)] * 4])
def test_a_body_below_the_least_rate_ends_with_the_patience(pieces):
    with pytest.raises(SlowBodyError):
        paid(*pieces)


class Called:
    """One request to a dressed application, and what it answered."""

    def __init__(self, body=b"x" * 10):
        self.status, self.headers, self.body = 0, {}, b""
        self._pieces = [body]

    async def receive(self):
        return {"type": "http.request", "body": self._pieces.pop(), "more_body": False}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {n.decode(): v.decode() for n, v in message["headers"]}
        self.body += message.get("body", b"")


@pytest.mark.parametrize(
    ("error", "status", "traces"),
    [
        (RuntimeError("a fault of ours"), 500, 1),
        (SlowBodyError(), 408, 0),
        (CrowdedError(), 503, 0),
    ],
)
async def test_what_nobody_answers_has_a_page_and_all_headers(error, status, traces):
    """In both languages; only a fault of ours is in the log with its trace."""

    async def broken(_scope, _receive, _send):
        raise error

    called = Called()
    with capture_logs() as lines:
        await http.dressed(broken)(dict(POST), called.receive, called.send)
    assert called.status == status
    names = {name.lower() for name in called.headers}
    assert {name.lower() for name in http.HEADERS} <= names
    assert ("retry-after" in called.headers) == (status != 500)
    for lang in LANGUAGES:
        words = load_catalogue(lang, SHARED / "i18n" / "plain")
        assert words(f"status.{status}.title") in called.body.decode()
    assert sum("exc_info" in line for line in lines) == traces


async def test_a_fault_after_the_beginning_of_an_answer_adds_nothing_to_it():
    async def half(scope, receive, send):
        await PlainTextResponse("begun")(scope, receive, send)
        raise RuntimeError("too late")

    called = Called()
    with capture_logs():
        await http.dressed(half)(dict(POST), called.receive, called.send)
    assert (called.status, called.body) == (200, b"begun")


async def test_bodies_on_their_way_are_bounded_and_shared():
    """Of four places two are for whoever has none; one that arrived gives its up."""
    limits = ConnectionSettings(bodies_at_once=4, bodies_at_once_per_address=3)
    answered = []

    async def nested(scope, receive, _send):
        """Each request waits for its body while the next one comes."""
        try:
            await receive()
        except CrowdedError:
            answered.append((scope["client"][0], "crowded"))
        else:
            answered.append((scope["client"][0], "taken"))

    app = http.dressed(nested, limits)

    async def request(address, *more):
        async def receive():
            for one in more[:1]:
                await request(one, *more[1:])
            return {"type": "http.request", "body": b"", "more_body": False}

        await app(dict(POST, client=(address, 1)), receive, Called().send)

    await request("a", "a", "a", "b")
    # The third of *a* is refused before it reads, so nobody comes behind it.
    assert answered == [("a", "crowded"), ("a", "taken"), ("a", "taken")]
    answered.clear()
    await request("a", "a", "b", "c", "d")
    assert sorted(answered) == [
        ("a", "taken"),
        ("a", "taken"),
        ("b", "taken"),
        ("c", "taken"),
        ("d", "crowded"),
    ]
    answered.clear()
    await request("d")
    assert answered == [("d", "taken")]


def test_both_languages_say_the_same_at_the_door():
    catalogues = [load_catalogue(lang, SHARED / "i18n" / "plain") for lang in LANGUAGES]
    assert catalogues[0].messages.keys() == catalogues[1].messages.keys()
    for status in http.SAID_AT_THE_DOOR:
        answer = http.door_answer(status).decode()
        head, _, body = answer.partition("\r\n\r\n")
        assert f"content-length: {len(body.encode())}" in head
        assert all(words(f"status.{status}.next") in body for words in catalogues)
