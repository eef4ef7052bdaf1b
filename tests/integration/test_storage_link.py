"""The citizen's link over HTTP: page, download, and everything that must not open."""

import asyncio
import random
from datetime import timedelta
from urllib.parse import unquote

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from chassis import outbox
from ecopy.events import LinkFactor, LinkGranted, LinkReported, LinkRevoked
from ecopy.link_events import factor_hmac
from storage.adapters import tables
from storage.usecases import ClosedLink
from support import build
from support.storage import TOKEN, UNCOUNTED, shelf, words

CONTENT = bytes(range(256)) * 9000
SIZE = len(CONTENT)
ETAG = f'"{build.digest(CONTENT)}"'


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(tmp_path_factory):
    """One face for all who only ask; whoever changes something has a ``store``."""
    folder = tmp_path_factory.mktemp("shelf")
    database = f"sqlite:///{folder}/storage.db"
    async with shelf(folder, database, limits=UNCOUNTED) as made, made.face() as client:
        await made.archived(CONTENT)
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def store(tmp_path):
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/storage.db") as made:
        await made.archived(CONTENT)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def own(store):
    async with store.face() as client:
        yield client


async def test_the_link_page_shows_the_holder_what_the_copy_is(web):
    """Title, number, book, date, agency, code, one download button, until when."""
    page = await web.get(f"/c/{TOKEN}")
    assert page.status_code == 200
    shown = words(page.text)
    for fact in (
        "Bằng cử nhân",
        "1180/2026",
        "02/2026-SCTĐT/BS",
        "23/11/2026",
        "UBND phường Hoa Ban",
        "Phó Chủ tịch, UBND phường Hoa Ban",
        "7K2F-9MQX-4TBD",
        "2 trang, gồm trang lời chứng",
        "Tải tệp PDF, 2,3 MB",
        "đến hết 23/12/2026",
    ):
        assert fact in shown
    assert page.text.count("btn-main") == 1
    assert f'href="/c/{TOKEN}/download" download' in page.text


async def test_the_link_page_is_in_english_on_request(web):
    """?lang=en, and a way back."""
    page = await web.get(f"/c/{TOKEN}?lang=en")
    assert "Your electronic copy is ready" in page.text
    assert '<html lang="en">' in page.text
    assert '<a href="?lang=vi" lang="vi"' in page.text


async def test_answers_are_closed_to_the_world(web):
    """No index, no referrer, no sniffing, no store, no foreign origin."""
    for path in (f"/c/{TOKEN}", f"/c/{TOKEN}/download", "/c/nothing", "/kiem-tra"):
        answer = await web.get(path)
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in answer.headers["cache-control"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


async def test_the_whole_file_comes_with_its_names(web):
    """200, bit by bit, with length, strong ETag and both names."""
    answer = await web.get(f"/c/{TOKEN}/download")
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["etag"] == ETAG
    assert answer.headers["accept-ranges"] == "bytes"
    named = answer.headers["content-disposition"]
    assert named.startswith('attachment; filename="ban-sao-1180-2026.pdf"; ')
    assert unquote(named).endswith("Bản sao 1180-2026 - Bằng cử nhân.pdf")


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=1000000-1999999", 1000000, 1999999),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        (f"bytes=5-{SIZE * 2}", 5, SIZE - 1),
    ],
)
async def test_one_range_is_one_part(web, header, first, last):
    """206 with exactly those bytes: an interrupted download goes on."""
    answer = await web.get(f"/c/{TOKEN}/download", headers={"Range": header})
    assert answer.status_code == 206
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=9-1", "pages=1-2", "x"])
async def test_ranges_that_are_not_one_span_get_the_whole(web, header):
    """Several spans and nonsense are ignored: 200."""
    answer = await web.get(f"/c/{TOKEN}/download", headers={"Range": header})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", "bytes=-0"])
async def test_a_range_beyond_the_end_is_416(web, header):
    """With the length that there is, and plain words."""
    answer = await web.get(f"/c/{TOKEN}/download", headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert "tải lại từ đầu" in words(answer.text)


@pytest.mark.parametrize(("tag", "status"), [(ETAG, 206), ('"old"', 200)])
async def test_if_range_guards_a_resumed_download(web, tag, status):
    """A part of another file is never glued on: the whole comes instead."""
    headers = {"Range": "bytes=10-19", "If-Range": tag}
    answer = await web.get(f"/c/{TOKEN}/download", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("tag", [ETAG, f"W/{ETAG}", "*", f'"x", {ETAG}'])
async def test_a_client_that_has_the_file_gets_304(web, tag):
    """No byte is sent twice."""
    headers = {"If-None-Match": tag}
    answer = await web.get(f"/c/{TOKEN}/download", headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == ETAG


@pytest.mark.parametrize("tag", [ETAG, "*", f'"x", {ETAG}'])
async def test_if_match_lets_the_same_file_go_on(web, tag):
    """The part is sent while the file is the one that the program began."""
    headers = {"Range": "bytes=10-19", "If-Match": tag}
    answer = await web.get(f"/c/{TOKEN}/download", headers=headers)
    assert (answer.status_code, answer.content) == (206, CONTENT[10:20])


@pytest.mark.parametrize("tag", ['"old"', f"W/{ETAG}", "", ETAG.strip('"')])
@pytest.mark.parametrize("also", [{"Range": "bytes=10-19"}, {}, {"If-None-Match": "*"}])
async def test_if_match_of_another_file_is_412(web, tag, also):
    """Neither a part nor the whole of what the program did not ask for."""
    answer = await web.get(f"/c/{TOKEN}/download", headers={"If-Match": tag} | also)
    assert answer.status_code == 412
    assert "tải lại từ đầu" in words(answer.text)
    head = await web.head(f"/c/{TOKEN}/download", headers={"If-Match": tag})
    assert head.status_code == 412


async def test_head_tells_length_and_name_without_a_byte(web):
    """HEAD answers as GET would, ranges aside."""
    headers = {"Range": "bytes=0-9"}
    answer = await web.head(f"/c/{TOKEN}/download", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["etag"] == ETAG
    assert (await web.head(f"/c/{TOKEN}")).status_code == 200


async def test_near_misses_never_open(tmp_path):
    """Tokens one change away from a true one, and random ones: not one hit, and one
    and the same answer."""
    settings = {
        "limits": {"wrong_links_per_window": 10**6, "requests_per_second": 10**6}
    }
    chance = random.Random(7)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    near = {
        TOKEN[:i] + c + TOKEN[i + 1 :]
        for i in range(27)
        for c in chance.sample(letters, 9)
    }
    near |= {TOKEN[:-1], TOKEN + "A", TOKEN.upper(), TOKEN.lower(), TOKEN[::-1]}
    near |= {"".join(chance.choices(letters, k=27)) for _ in range(300)}
    near |= {"%00", "'", "x" * 5000, "đ", TOKEN + "%20", "%20" + TOKEN}
    near.discard(TOKEN)
    database = f"sqlite:///{tmp_path}/near.db"
    async with shelf(tmp_path / "near", database, **settings) as open_shelf:
        await open_shelf.archived(CONTENT)
        async with open_shelf.face() as web:
            bodies = set()
            for token in sorted(near):
                answer = await web.get(f"/c/{token}")
                assert answer.status_code == 404
                bodies.add(answer.text)
    assert len(bodies) == 1


async def test_unknown_and_expired_answer_alike(store, own):
    """The same status, words and headers: nobody learns which of them it was."""
    unknown = await own.get("/c/AAAAAAAAAAAAAAAAAAAAAAAAAAA")
    end = update(tables.links).values(expires_at=build.NOON)
    await store.database.write(lambda tx: tx.execute(end))
    expired = await own.get(f"/c/{TOKEN}")
    download = await own.get(f"/c/{TOKEN}/download")
    assert {a.status_code for a in (unknown, expired, download)} == {404}
    assert unknown.text == expired.text
    assert unknown.headers == expired.headers


NEWER = "A9Vw3xJr0t5Yz8aBcDeFgHiJkLm"
GRANTED = LinkGranted(
    at=build.NOON,
    entry=build.ENTRY,
    generation=2,
    link_token_sha256=build.digest(NEWER.encode()),
    expires_at=build.NOON + timedelta(days=7),
)


async def test_an_old_link_says_that_a_newer_one_exists_and_nothing_else(store, own):
    """410 while the newest opens, for page and download; then it is as any other that
    leads nowhere. Who holds the old one learns nothing of the copy.
    """
    await store.storage.grant(GRANTED)
    page, download = [await own.get(f"/c/{TOKEN}{at}") for at in ("", "/download")]
    assert (page.status_code, download.status_code) == (410, 410)
    assert page.text == download.text
    assert "Đã có liên kết mới hơn" in words(page.text)
    for secret in ("Bằng cử nhân", "1180/2026", "7K2F", NEWER, "Phó Chủ tịch"):
        assert secret not in page.text
    assert (await own.get(f"/c/{NEWER}/download")).content == CONTENT
    store.hands.forward(days=8)
    over = await own.get(f"/c/{TOKEN}")
    unknown = await own.get("/c/AAAAAAAAAAAAAAAAAAAAAAAAAAA")
    assert (over.status_code, over.text) == (404, unknown.text)


async def test_a_closed_link_says_so_until_a_newer_one_opens(store, own):
    """A file that began to come before is not the question: the page opens no more."""
    closed = LinkRevoked(at=build.NOON, entry=build.ENTRY, generation=1)
    await store.storage.revoke(closed)
    page = await own.get(f"/c/{TOKEN}")
    assert page.status_code == 410
    assert "Nơi chứng thực đã tắt liên kết này" in words(page.text)
    assert "Bằng cử nhân" not in page.text
    english = await own.get(f"/c/{TOKEN}?lang=en")
    assert "The office has closed this link" in english.text
    await store.storage.grant(GRANTED)
    assert "Đã có liên kết mới hơn" in words((await own.get(f"/c/{TOKEN}")).text)


async def test_the_desk_hears_the_first_times_at_once_and_the_rest_hourly(store, own):
    """Ten openings and a fetch are two reports, then one more, an hour later."""
    agent = {"User-Agent": "Mozilla/5.0"}
    for _ in range(10):
        await own.get(f"/c/{TOKEN}", headers=agent)
    await own.get(f"/c/{TOKEN}/download", headers=agent)
    first = await reports(store)
    assert [(r.opened.count, r.fetched is None) for r in first] == [
        (1, True),
        (10, False),
    ]
    assert await store.storage.report_links() == 0
    await own.get(f"/c/{TOKEN}", headers=agent)
    store.hands.forward(minutes=61)
    assert [await store.storage.report_links() for _ in range(2)] == [1, 0]
    last = (await reports(store))[-1]
    assert (last.opened.count, last.fetched.count) == (11, 1)
    assert (last.generation, last.revoked_at) == (1, None)


def asked(token=NEWER, digits="0417"):
    """A newer link before which something is asked."""
    factor = LinkFactor(kind="phone", answer_hmac=factor_hmac(token, "phone", digits))
    return GRANTED.model_copy(update={"factor": factor})


async def test_a_question_stands_before_the_copy(store, own):
    """Nothing of the copy is shown before; with the right digits, typed with a blank,
    this browser may look and fetch, and no other one.
    """
    await store.storage.grant(asked())
    page = await own.get(f"/c/{NEWER}")
    assert "4 số cuối điện thoại của bạn là gì?" in words(page.text)
    for secret in ("Bằng cử nhân", "1180/2026", "0417", "set-cookie"):
        assert secret not in page.text + str(page.headers)
    early = await own.get(f"/c/{NEWER}/download")
    assert (early.status_code, early.headers["location"]) == (303, f"/c/{NEWER}")
    right = await own.post(f"/c/{NEWER}", data={"digits": "04 17"})
    assert right.status_code == 303
    cookie = right.headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=strict", "Secure", f"Path=/c/{NEWER}"):
        assert word in cookie
    assert "Bằng cử nhân" in (await own.get(f"/c/{NEWER}")).text
    assert (await own.get(f"/c/{NEWER}/download")).content == CONTENT
    async with store.face() as other:
        assert "Bằng cử nhân" not in (await other.get(f"/c/{NEWER}")).text
    store.hands.forward(minutes=61)
    assert "Bằng cử nhân" not in (await own.get(f"/c/{NEWER}")).text
    assert await reports(store) != []


async def test_five_wrong_answers_close_the_link_for_everybody(store, own):
    """Also for whoever comes with the right one then; the desk hears it, and a renewed
    link opens.
    """
    await store.storage.grant(asked())
    await own.post(f"/c/{NEWER}", data={"digits": "0417"})
    for left in (4, 3, 2, 1):
        wrong = await own.post(f"/c/{NEWER}", data={"digits": "1111"})
        assert wrong.status_code == 422
        assert f"Còn {left} lần thử" in words(wrong.text)
    last = await own.post(f"/c/{NEWER}", data={"digits": "1112"})
    right = await own.post(f"/c/{NEWER}", data={"digits": "0417"})
    again = await own.get(f"/c/{NEWER}")
    assert [a.status_code for a in (last, right, again)] == [410] * 3
    assert "Liên kết này đã khóa" in words(again.text)
    assert (await reports(store))[-1].locked_at == build.NOON
    third = {"generation": 3, "link_token_sha256": build.digest(b"third")}
    await store.storage.grant(GRANTED.model_copy(update=third))
    assert (await own.get("/c/third")).status_code == 200


async def test_of_many_answers_at_once_five_are_compared(store):
    """The row is the throttle: what comes at once waits for it."""
    await store.storage.grant(asked())
    answers = [store.storage.answer_link(NEWER, f"{n:04}") for n in range(500, 512)]
    met = await asyncio.gather(*answers)
    assert sum(isinstance(each, ClosedLink) for each in met) == 8
    assert not any(isinstance(each, str) for each in met)


async def reports(store):
    rows = await store.database.read(
        lambda tx: tx.execute(select(outbox.outbox).order_by("position")).all()
    )
    bodies = [row.body for row in rows if row.subject == LinkReported.subject]
    return [LinkReported.decode(body) for body in bodies]


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_a_closed_link_promises_nothing_that_nobody_does(web, lang):
    """No message is ever sent and no link is renewed: the page names the office, its
    telephone and its hours, and says what to ask there.
    """
    shown = words((await web.get(f"/c/nothing?lang={lang}")).text)
    promised = {
        "vi": ("cấp lại ngay", "không mất phí", "tin nhắn", "phiếu hẹn", "thay bằng"),
        "en": ("at once", "free of charge", "message", "slip", "replaced"),
    }
    assert [part for part in promised[lang] if part in shown] == []
    office = {"vi": "UBND phường Hoa Ban", "en": "Hoa Ban Ward People’s Committee"}
    assert shown.count(office[lang]) == 2
    assert "0900 000 100" in shown
    assert {"vi": "07:30 đến 17:00", "en": "07:30 to 17:00"}[lang] in shown


async def test_a_link_ends_with_its_last_day(store, own):
    """Good to the end of 23/12 in Hà Nội, closed a second later."""
    store.hands.forward(days=30, hours=11, minutes=59, seconds=59)
    assert (await own.get(f"/c/{TOKEN}")).status_code == 200
    store.hands.forward(seconds=1)
    assert (await own.get(f"/c/{TOKEN}")).status_code == 404


async def test_guessing_is_slowed_and_holders_are_not(store, own):
    """30 wrong links in 15 minutes, then 429 with the hour; right ones never count."""
    for _ in range(100):
        store.hands.forward(milliseconds=100)
        assert (await own.get(f"/c/{TOKEN}")).status_code == 200
    for number in range(30):
        assert (await own.get(f"/c/wrong{number}")).status_code == 404
    stopped = await own.get("/c/wrong-again")
    assert stopped.status_code == 429
    assert stopped.headers["retry-after"] == "30"
    assert "Thử lại lúc 12:01" in words(stopped.text)
    store.hands.forward(minutes=15)
    assert (await own.get("/c/wrong-again")).status_code == 404


async def test_a_right_link_opens_whatever_its_neighbours_guessed(store, own):
    """One address of a carrier, thirty wrong links from it, and a citizen behind it:
    page and file come, and the wrong ones go on hearing 429.
    """
    for number in range(40):
        await own.get(f"/c/wrong{number}")
        store.hands.forward(milliseconds=100)
    for _ in range(3):
        assert (await own.get("/c/wrong-again")).status_code == 429
        page = await own.get(f"/c/{TOKEN}")
        file = await own.get(f"/c/{TOKEN}/download")
        assert (page.status_code, file.content) == (200, CONTENT)


async def test_each_access_is_noted_without_its_address(store, own):
    """Opening and fetching leave a line each; a resumed part and HEAD leave none."""
    await own.get(f"/c/{TOKEN}")
    await own.get(f"/c/{TOKEN}/download")
    await own.get(f"/c/{TOKEN}/download", headers={"Range": "bytes=100-"})
    await own.head(f"/c/{TOKEN}/download")
    query = select(tables.accesses.c.what, tables.accesses.c.address_digest)
    rows = await store.database.read(lambda tx: tx.execute(query).all())
    assert [row.what for row in rows] == ["opened", "fetched"]
    assert "192.0.2.7" not in repr(rows)


async def test_a_lost_archive_is_said_plainly(own, tmp_path):
    """The store does not answer: 503 with words and an hour, never a 500."""
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    (tmp_path / "archive").write_text("no directory: each look-up fails")
    answer = await own.get(f"/c/{TOKEN}/download")
    assert answer.status_code == 503
    assert "Liên kết của bạn vẫn dùng được" in words(answer.text)
    assert int(answer.headers["retry-after"]) > 0


async def test_the_token_is_in_no_log(web, capsys):
    """What is logged names the route, never the token."""
    await web.get(f"/c/{TOKEN}")
    await web.get(f"/c/{TOKEN}/download")
    out = capsys.readouterr().out
    assert "/c/{token}" in out
    assert TOKEN not in out


async def test_one_whole_file_is_a_fetch_by_itself(store, own):
    """With its last byte: not before, and not only when a part is asked for again."""
    query = select(tables.accesses.c.what)

    async def noted():
        return await store.database.read(lambda tx: tx.scalars(query).all())

    headers = {"Range": f"bytes=0-{SIZE - 2}"}
    await own.get(f"/c/{TOKEN}/download", headers=headers)
    assert await noted() == []
    await own.get(f"/c/{TOKEN}/download")
    assert await noted() == ["fetched"]


async def test_the_holder_of_a_link_rates_the_office_once(store, own):
    """One press below the download, and words if they like; the page thanks, and asks
    no more. What was said comes with the public figures, of days that are over.
    """
    page = (await own.get(f"/c/{TOKEN}")).text
    assert "Bạn có hài lòng không?" in page
    nothing = await own.post(f"/c/{TOKEN}/rating", data={"words": "tốt"})
    assert nothing.status_code == 422
    assert "Chọn một mức từ 1 đến 5" in nothing.text
    said = {"stars": "4", "words": "<b>nhanh</b>"}
    thanked = words((await own.post(f"/c/{TOKEN}/rating", data=said)).text)
    assert "Đã ghi: 4, hài lòng , kèm góp ý. Không ghi tên bạn." in thanked
    again = words((await own.post(f"/c/{TOKEN}/rating", data={"stars": "1"})).text)
    assert "Bạn đã chấm bằng liên kết này rồi" in again
    assert "Bạn có hài lòng không?" not in (await own.get(f"/c/{TOKEN}")).text
    counted = select(tables.ratings.c.stars)
    rows = await store.database.read(lambda tx: tx.execute(counted).all())
    assert [row.stars for row in rows] == [4]


async def test_a_link_that_opens_nothing_rates_nothing(own, store):
    """As for the page itself: no word of why, and nothing is counted."""
    assert (await own.post("/c/xyz/rating", data={"stars": "5"})).status_code == 404
    counted = select(tables.ratings.c.stars)
    assert not await store.database.read(lambda tx: tx.execute(counted).all())
