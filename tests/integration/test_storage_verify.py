"""Checking a copy over HTTP: by file, by digest, by code; every answer a verdict."""

import base64
import io
import random
import zipfile
from email.message import EmailMessage

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update

from storage.adapters import tables
from storage.domain.verdict import VerdictCode
from support import build
from support.settings import share
from support.storage import HOST, UNCOUNTED, shelf, words

COPY = b"%PDF-1.7\n" + bytes(range(256)) * 4000 + b"\nstartxref\n9\n%%EOF\n"
PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"x" * 500
OFFICE = b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml" + b"x" * 500
SCAN = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<<>>\nstartxref\n0\n%%EOF\n"
)


def packed(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(name, content)
    return out.getvalue()


def message(content):
    mail = EmailMessage()
    mail["From"], mail["To"] = "mot@example.org", "hai@example.org"
    mail["Subject"] = "Bản sao của bạn"
    mail.set_content("Xem tệp đính kèm.")
    mail.add_attachment(content, "application", "pdf", filename="ban-sao.pdf")
    return mail.as_bytes()


def saved_page(content):
    encoded = base64.b64encode(content)
    return (
        b'<!DOCTYPE html><a href="data:application/pdf;base64,' + encoded + b'">x</a>'
    )


OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(tmp_path_factory):
    """One face for all who only ask; whoever changes something has a ``store``."""
    folder = tmp_path_factory.mktemp("shelf")
    database = f"sqlite:///{folder}/storage.db"
    async with shelf(folder, database, limits=UNCOUNTED) as made, made.face() as client:
        await made.archived(COPY)
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def store(tmp_path):
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/storage.db") as made:
        await made.archived(COPY)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def own(store):
    async with store.face() as client:
        yield client


async def check(web, content, name="ban-sao.pdf", place="/kiem-tra", **options):
    files = {"file": (name, content, "application/pdf")}
    return await web.post(place, files=files, **options)


async def withdraw(store):
    withdrawal = {
        "withdrawn_at": build.NOON,
        "withdrawn_decision": "31/QĐ-UBND",
        "withdrawn_reason": "Ghi sai tên giấy tờ",
        "withdrawn_successor": "1178/2026",
    }
    work = update(tables.copies).values(withdrawal)
    await store.database.write(lambda tx: tx.execute(work))


@pytest.mark.parametrize(
    ("content", "verdict", "finding"),
    [
        (COPY, "genuine", "archived"),
        (COPY + b"x", "changed", "trailing-bytes"),
        (COPY + b"5 0 obj\n<<>>\nendobj\n%%EOF\n", "changed", "trailing-bytes"),
        (SCAN, "foreign", "unsigned-pdf"),
        (PICTURE, "foreign", "picture"),
        (OFFICE, "foreign", "office-file"),
        (packed("ban-sao.pdf", COPY), "unreadable", "packed"),
        (packed("[Content_Types].xml", b"<x/>"), "foreign", "office-file"),
        (message(COPY), "unreadable", "mail"),
        (b"From: a@b\r\nTo: c@d\r\n\r\n" + COPY, "unreadable", "mail"),
        (b"<html><body>" + COPY, "unreadable", "web-page"),
        (saved_page(COPY), "unreadable", "web-page"),
        (base64.b64encode(COPY), "unreadable", "encoded"),
        (b"", "unreadable", "empty"),
        (b"\x07random\xff" * 999, "unreadable", "unknown-format"),
        (COPY[:5000], "unreadable", "cut-short"),
    ],
)
async def test_each_kind_of_file_has_its_verdict(web, content, verdict, finding):
    """Page and JSON agree; the page names the file, the hour and what to do."""
    page = await check(web, content, name="Bản của tôi.pdf")
    assert page.status_code == 200
    assert f"verdict verdict-{verdict}" in page.text
    assert page.text.count("verdict verdict-") == 1
    shown = words(page.text)
    assert "Bản của tôi.pdf" in shown
    assert "12:00 23/11/2026" in shown
    assert "Nên làm:" in shown

    accept = {"Accept": "application/json"}
    answer = (await check(web, content, headers=accept)).json()
    assert (answer["verdict"], answer["finding"]) == (verdict, finding)
    assert answer["file"]["sha256"] == build.digest(content)
    assert answer["file"]["size"] == len(content)


async def test_a_genuine_page_tells_who_signed_and_when(web):
    """The folded detail: number, book, officer's title, both hours, TSA, digest."""
    shown = words((await check(web, COPY)).text)
    for fact in (
        "ĐÚNG BẢN ĐÃ CẤP",
        "giống hoàn toàn (từng bit) với bản UBND phường Hoa Ban đã cấp ngày 23/11/2026",
        "1180/2026",
        "02/2026-SCTĐT/BS",
        "Phó Chủ tịch, UBND phường Hoa Ban",
        "TSA thử nghiệm",
        build.digest(COPY)[:8],
    ):
        assert fact in shown


async def test_no_page_but_the_holders_tells_the_title(web):
    """Neither the verdict, nor the code page, nor JSON names the paper or a person."""
    digest = build.digest(COPY)
    answers = [
        await check(web, COPY),
        await check(web, COPY, headers={"Accept": "application/json"}),
        await web.get("/k/7K2F-9MQX-4TBD"),
        await web.get("/v1/codes/7K2F-9MQX-4TBD"),
        await web.get(f"/v1/digests/{digest}"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "Bằng cử nhân" not in answer.text
        assert "Phạm Quốc Vĩnh" not in answer.text


async def test_a_withdrawn_copy_reads_withdrawn_everywhere(store, own):
    """By file, digest and code: decision, day, successor; never genuine or listed."""
    await withdraw(store)
    page = await check(own, COPY)
    assert "verdict verdict-withdrawn" in page.text
    shown = words(page.text)
    assert "31/QĐ-UBND" in shown
    assert "1178/2026" in shown
    digest = await own.get(f"/v1/digests/{build.digest(COPY)}")
    assert digest.json()["verdict"] == "withdrawn"
    code = await own.get("/k/7k2f9mqx4tbd")
    assert "verdict verdict-withdrawn" in code.text
    assert "CÓ TRONG SỔ, ĐÃ THU HỒI" in code.text
    answer = (await own.get("/v1/codes/7k2f9mqx4tbd")).json()
    assert answer["status"] == "listed_withdrawn"


async def test_focus_goes_to_the_verdict(web):
    """The page opens at its answer, also for those who hear it."""
    page = await check(web, COPY)
    assert '<h2 id="v" tabindex="-1" autofocus>' in page.text


async def test_the_english_page_answers_in_english(web):
    """/verify is the same check in English."""
    page = await check(web, COPY, place="/verify")
    assert '<html lang="en">' in page.text
    assert "GENUINE" in words(page.text)
    assert 'lang="vi">Đúng bản đã cấp' in page.text
    form = await web.get("/verify")
    assert 'action="/verify"' in form.text
    assert 'href="/kiem-tra" lang="vi"' in form.text


async def test_a_demo_copy_never_stands_in_for_an_original(tmp_path):
    """Demo bytes are genuine and without legal value: the page says so."""
    database = f"sqlite:///{tmp_path}/demo.db"
    async with shelf(tmp_path, database, demo=True) as store:
        await store.archived(COPY, demo=True)
        async with store.face() as web:
            page = await check(web, COPY)
            code = await web.get("/k/7K2F-9MQX-4TBD")
    for answer in (page, code):
        shown = words(answer.text)
        assert "không có giá trị pháp lý" in shown
        assert "thay bản chính" not in shown
        assert "Nên làm: Đây là bản thử nghiệm" not in shown
        assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in answer.text
    assert "Nên làm: So tên và nội dung với người đưa tệp." in words(page.text)


@pytest.mark.parametrize("typed", ["7K2F-9MQX-4TBD", "7k2f9mqx4tbd", "7K2F 9MQX 4TBD"])
async def test_the_code_page_lists_and_never_says_genuine(web, typed):
    """Any way of typing the code: in the register, in its own shape and words."""
    page = await web.get(f"/k/{typed}")
    assert page.status_code == 200
    assert "verdict verdict-listed" in page.text
    assert "verdict-genuine" not in page.text
    shown = words(page.text)
    assert "CÓ TRONG SỔ, CHƯA THU HỒI" in shown
    assert "ĐÚNG BẢN ĐÃ CẤP" not in shown
    assert "<img" not in page.text
    assert "Văn bằng" in shown
    assert (await web.get(f"/v1/codes/{typed}")).json()["status"] == "listed"


async def test_an_unknown_code_is_not_in_the_register(web):
    """404, plain words, the code as it was read, a field to type it again."""
    page = await web.get("/k/0000-0000-0000")
    assert page.status_code == 404
    assert "KHÔNG CÓ TRONG SỔ" in page.text
    assert "0000-0000-0000" in page.text
    assert (await web.get("/v1/codes/0000-0000-0000")).status_code == 404


@pytest.mark.parametrize(
    "typed", ["7K2F", "!!!!-!!!!-!!!!", "<script>", "7K2F-9MQX-4TBU1"]
)
async def test_a_mistyped_code_is_said_beside_its_field(web, typed):
    """What was typed stays, escaped; the summary leads to the field."""
    page = await web.get("/k", params={"code": typed})
    assert page.status_code == 422
    assert '<a href="#code">' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "<script>" not in page.text.replace('<script type="module"', "")


@pytest.mark.parametrize("typed", ["", "  "])
async def test_an_empty_code_is_asked_for_in_our_words(web, typed):
    """The form leaves the question to us: the browser would ask in its own language."""
    page = await web.get("/k", params={"code": typed})
    assert page.status_code == 422
    assert "Chưa có mã nào. Gõ 12 ký tự" in words(page.text)
    assert page.text.count("novalidate") == 2


async def test_the_code_form_leads_to_the_codes_page(web):
    """Without script: the form's answer is the code page itself."""
    answer = await web.get("/k", params={"code": "7k2f 9mqx 4tbd", "lang": "en"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/k/7K2F-9MQX-4TBD?lang=en"


async def test_guessing_codes_is_stopped(store, own):
    """30 codes in 15 minutes an address, then 429; files still are checked."""
    for _ in range(30):
        assert (await own.get("/k/0000-0000-0000")).status_code == 404
    stopped = await own.get("/k/7K2F-9MQX-4TBD")
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) == 30
    program = await own.get("/v1/codes/7K2F-9MQX-4TBD")
    assert program.headers["content-type"] == "application/problem+json"
    assert program.status_code == 429
    assert (await check(own, COPY)).status_code == 200
    store.hands.forward(minutes=15)
    assert (await own.get("/k/7K2F-9MQX-4TBD")).status_code == 200


async def test_a_digest_spares_the_bytes(web):
    """The page's script asks by digest: known → verdict, unknown → bring the file."""
    digest = build.digest(COPY)
    known = await web.get(f"/v1/digests/{digest}")
    assert known.json()["verdict"] == "genuine"
    assert (await web.get(f"/v1/digests/{'0' * 64}")).status_code == 404
    assert (await web.get("/v1/digests/x")).status_code == 422

    fields = {"sha256": (None, digest), "name": (None, "ban-sao.pdf")}
    page = await web.post("/kiem-tra", files=fields, headers=OWN_PAGE)
    assert "verdict verdict-genuine" in page.text
    assert "ban-sao.pdf" in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {},
    ],
)
async def test_another_site_cannot_borrow_the_verdict(web, headers):
    """A digest posted by a foreign page gets no GENUINE to show around."""
    fields = {"sha256": (None, build.digest(COPY))}
    page = await web.post("/kiem-tra", files=fields, headers=headers)
    assert page.status_code == 403
    assert "verdict-genuine" not in page.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("hoaban.example.evil.example", 403),
        ("hoaban.example:8443", 403),
        ("hoaban.example:80", 403),
        ("evil.example@hoaban.example", 403),
        ("hoaban.example/evil", 403),
        ("hoaban.example?evil", 403),
        ("hoaban.example#evil", 403),
        ("127.0.0.1.evil.example", 403),
        ("2130706433", 403),
        ("", 403),
        ("hoaban.example", 200),
        ("HOABAN.example", 200),
        ("hoaban.example:443", 200),
        ("192.0.2.44:8421", 200),
        ("[2001:db8::7]:8421", 200),
        ("localhost:8421", 200),
    ],
)
@pytest.mark.parametrize("old", [True, False])
async def test_a_name_that_was_pointed_at_us_is_not_our_page(web, host, status, old):
    """DNS rebinding: to the browser it is one origin, Host and Origin say evil.example.
    The operator's name and plain addresses are ours; only names can be pointed.
    """
    headers = {"Host": host, "Origin": f"https://{host.lower()}"}
    headers |= {} if old else {"Sec-Fetch-Site": "same-origin"}
    fields = {"sha256": (None, build.digest(COPY))}
    page = await web.post("/kiem-tra", files=fields, headers=headers)
    assert page.status_code == status
    assert ("verdict-genuine" in page.text) == (status == 200)


async def test_old_browsers_of_our_own_page_are_served(web):
    """Without Sec-Fetch-Site the Origin tells."""
    fields = {"sha256": (None, build.digest(COPY))}
    page = await web.post("/kiem-tra", files=fields, headers={"Origin": HOST})
    assert page.status_code == 200


async def test_no_file_is_said_beside_the_field(web):
    """The form sent empty: one sentence, 422."""
    page = await check(web, b"", name="")
    assert page.status_code == 422
    assert '<a href="#file">' in page.text


async def test_a_file_beyond_the_limit_is_named(tmp_path):
    """413: which file, how much is taken, what to do; nothing of it stays."""
    spool = tmp_path / "spool"
    spool.mkdir()
    settings = {"limits": {"file_bytes": 3_000_000}, "spool_directory": spool}
    database = f"sqlite:///{tmp_path}/small.db"
    async with shelf(tmp_path, database, **settings) as store, store.face() as web:
        page = await check(web, bytes(3_000_001), name="ban-ve-nha.pdf")
        program = await web.post("/v1/verify", content=bytes(3_000_001))
        fits = await check(web, bytes(3_000_000))
    assert page.status_code == 413
    assert "ban-ve-nha.pdf quá lớn, giới hạn 3 MB" in words(page.text)
    assert program.status_code == 413
    assert program.headers["content-type"] == "application/problem+json"
    assert fits.status_code == 200
    assert list(spool.iterdir()) == []


async def test_programs_may_send_the_file_as_the_body(web):
    """POST /v1/verify with the bare bytes, or with a form: the same JSON."""
    bare = await web.post("/v1/verify", content=COPY)
    form = await check(web, COPY, place="/v1/verify")
    assert bare.json()["verdict"] == form.json()["verdict"] == "genuine"
    assert bare.json()["certified_copy"]["number"] == "1180/2026"
    assert form.json()["file"]["name"] == "ban-sao.pdf"


async def test_the_files_name_is_text(web):
    """Bidi, markup and paths in a name are shown as what they are, or not at all."""
    name = "../<b>x</b>\u202egnp.pdf"
    page = await check(web, COPY, name=name)
    assert "\u202e" not in page.text
    assert "<b>x</b>" not in page.text


@pytest.mark.drawn
async def test_hostile_bytes_never_break_the_page(tmp_path):
    """400 files of noise and of damaged copies: always 200 with some verdict."""
    chance = random.Random(3)
    database = f"sqlite:///{tmp_path}/hostile.db"
    settings = {"limits": {"files_per_window": 10**6, "requests_per_second": 10**6}}
    async with shelf(tmp_path, database, **settings) as store, store.face() as web:
        await store.archived(COPY)
        for _ in range(share(200)):
            noise = chance.randbytes(chance.choice((1, 7, 100, 5000)))
            damaged = bytearray(COPY[: chance.randrange(20, 9000)])
            for _ in range(20):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            for content in (noise, bytes(damaged) + COPY[-300:]):
                headers = {"Accept": "application/json"}
                answer = await check(web, content, headers=headers)
                assert answer.status_code == 200
                assert answer.json()["verdict"] in ("foreign", "unreadable", "changed")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        (f"multipart/form-data; boundary={'x' * 257}", b"--x"),
        (f"multipart/form-data; boundary={'x' * 10_000}", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"junk without a boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nc\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\ncut',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n' + b"y" * 9999,
        ),
        ("application/x-www-form-urlencoded", b"file=x"),
        ("", b"%PDF"),
    ],
)
async def test_broken_forms_are_told_plainly(web, kind, body):
    """What is no form of ours: 400 or 422 with words, never a 500."""
    headers = {"Content-Type": kind} if kind else {}
    answer = await web.post("/kiem-tra", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert "<h1>" in answer.text


async def test_files_in_hand_are_bounded(tmp_path):
    """One address may have so many files on their way; one more comes again later."""
    settings = {"limits": {"files_at_once_per_address": 1}}
    database = f"sqlite:///{tmp_path}/busy.db"
    async with shelf(tmp_path, database, **settings) as store:
        await store.archived(COPY)
        async with store.face() as web:
            answers = []

            async def slowly():
                answers.append(await check(web, COPY))
                yield COPY

            outer = await web.post("/v1/verify", content=slowly())
    assert outer.json()["verdict"] == "genuine"
    assert answers[0].status_code == 503
    assert "retry-after" in answers[0].headers
    assert "Nhiều người đang kiểm tra" in answers[0].text


async def test_a_proxys_word_is_believed_only_from_the_proxy(tmp_path):
    """X-Forwarded-For counts addresses apart behind our proxy, and nowhere else."""
    database = f"sqlite:///{tmp_path}/proxy.db"
    limits = {"codes_per_window": 1}
    trusted = {"limits": limits, "trusted_proxies": ("192.0.2.0/24",)}
    async with shelf(tmp_path, database, **trusted) as store, store.face() as web:
        for address in ("198.51.100.1", "198.51.100.2", "6.6.6.6, 198.51.100.3"):
            answer = await web.get(
                "/k/0000-0000-0000", headers={"X-Forwarded-For": address}
            )
            assert answer.status_code == 404
        spoofed = {"X-Forwarded-For": "7.7.7.7, 198.51.100.3"}
        assert (await web.get("/k/0000-0000-0000", headers=spoofed)).status_code == 429
    other = f"sqlite:///{tmp_path}/direct.db"
    async with shelf(tmp_path, other, limits=limits) as store, store.face() as web:
        first = await web.get(
            "/k/0000-0000-0000", headers={"X-Forwarded-For": "1.1.1.1"}
        )
        again = await web.get(
            "/k/0000-0000-0000", headers={"X-Forwarded-For": "2.2.2.2"}
        )
    assert (first.status_code, again.status_code) == (404, 429)


@pytest.mark.parametrize("path", ["/nothing", "/kiem-tra/x", "/c", "/k/a/b"])
async def test_unknown_pages_say_where_to_go(web, path):
    """404 in plain words, in both languages, with a way on."""
    vi, en = await web.get(path), await web.get(f"{path}?lang=en")
    assert {vi.status_code, en.status_code} == {404}
    assert "Không có trang này" in vi.text
    assert "No such page" in en.text
    assert 'href="/kiem-tra"' in vi.text


@pytest.mark.parametrize("path", ["/cach-kiem-tra", "/how-to-check", "/healthz", "/"])
async def test_plain_pages_answer(web, path):
    """How to check, health, the way in."""
    answer = await web.get(path)
    assert answer.status_code == (303 if path == "/" else 200)


@pytest.mark.parametrize(
    ("path", "sentences"),
    [
        (
            "/cach-kiem-tra",
            (
                *("Adobe Acrobat", "trên điện thoại", "Trình duyệt"),
                *("“Signature not verified”", "“altered or corrupted”"),
                "chưa nói tệp thật hay giả",
                "nhìn giống thật chưa nói được gì",
                "không cảnh báo khi chữ ký hỏng",
                "đưa tệp vào trang kiểm tra",
                "Đừng cài thêm chứng thư",
            ),
        ),
        (
            "/how-to-check",
            (
                *("Adobe Acrobat", "comes with a phone", "Browsers"),
                *("“Signature not verified”", "“Altered or corrupted”"),
                "it says neither genuine nor false",
                "looking right proves nothing",
                "a broken one is not warned of",
                "give the file to the checking page",
                "Do not install a certificate",
            ),
        ),
    ],
)
async def test_how_to_check_says_what_readers_show_and_what_to_do(web, path, sentences):
    """Acrobat, phones, browsers: what each shows, what it means, the one way to know;
    with the way to it.
    """
    page = (await web.get(path)).text
    shown = words(page)
    assert [part for part in sentences if part not in shown] == []
    place = "/verify" if path == "/how-to-check" else "/kiem-tra"
    assert f'href="{place}"' in page.partition("<main")[2]


async def test_readiness_needs_bus_and_database(store, own):
    """/readyz says whether both answer; health asks nothing of others."""
    assert (await own.get("/readyz")).status_code == 200
    store.reachable = False
    assert (await own.get("/readyz")).status_code == 503
    assert (await own.get("/healthz")).status_code == 200


async def test_an_empty_catalogue_beside_a_full_archive_is_not_ready(tmp_path):
    """The database was lost: every link and verdict would be "not recorded"."""
    async with (
        shelf(tmp_path, f"sqlite:///{tmp_path}/new.db") as made,
        made.face() as web,
    ):
        assert (await web.get("/readyz")).status_code == 200
        await made.archive.put("H99/E/2026/1/copy.pdf", COPY)
        assert (await web.get("/readyz")).status_code == 503
        await made.archived(COPY)
        assert (await web.get("/readyz")).status_code == 200


async def test_wrong_methods_are_refused_with_words(web):
    """405 for what a page does not take; a program gets problem+json."""
    page = await web.delete("/kiem-tra")
    assert page.status_code == 405
    program = await web.put("/v1/verify")
    assert program.headers["content-type"] == "application/problem+json"


async def test_assets_of_the_pages_are_there(web):
    """Every style, script and icon that a page names answers 200, cached for ever."""
    page = await web.get("/kiem-tra")
    names = {part.split('"')[0] for part in page.text.split('="/static/')[1:]}
    assert len(names) == 5
    for name in names:
        answer: httpx.Response = await web.get(f"/static/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_the_api_describes_itself(web):
    """OpenAPI names the three questions a program may ask, and every verdict."""
    schema = (await web.get("/v1/openapi.json")).json()
    paths = set(schema["paths"])
    assert paths == {"/v1/verify", "/v1/digests/{sha256}", "/v1/codes/{code}"}
    named = schema["components"]["schemas"]["VerdictCode"]["enum"]
    assert named == [code.value for code in VerdictCode]
    assert "unrecorded" in named
