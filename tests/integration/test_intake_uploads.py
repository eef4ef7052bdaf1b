"""Files at the desk: each bad one has its sentence, the others go on."""

import contextlib
import dataclasses

import pytest

from chassis.settings import ConnectionSettings
from corpus import hostile, scans
from ecopy.refusals import Hindrance, Trouble
from intake import wiring
from intake.adapters.scans import StoredRebuilder
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.app.application import create_app
from support.intake import CASE, Form, app_of, browsing, open_desk, path_of, replaced
from support.knocking import knock, listening
from support.prepared import prepared_reader, quick_rebuilder


def limited(house, **limits):
    """The same house under other limits."""
    return dataclasses.replace(house, rules=dataclasses.replace(house.rules, **limits))


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(house):
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look("/cases/new")
        page = await ha.send(page, "/cases", **CASE)
        yield ha, page, path_of(page).removesuffix("/desk")


async def files_of(house, document):
    known = await SqlCases(house.store).document(document.rsplit("/", 1)[-1])
    return known.files


async def test_bad_files_have_their_reason_and_the_good_one_counts(house, desk):
    """One form with six files: five refused each for its own reason, one page kept."""
    ha, page, document = desk
    bad = {
        "locked.pdf": (hostile.password_pdf(), "password"),
        "signed.pdf": (hostile.signed_pdf(), "already-signed"),
        "text.pdf": (hostile.text_pdf(), "unknown-type"),
        "cut.jpg": (hostile.cut_jpeg(), "truncated"),
        "empty.pdf": (b"", "empty"),
    }
    sent = [(name, data) for name, (data, _) in bad.items()]
    page = await ha.upload(
        page, f"{document}/files", *sent, ("good.pdf", scans.small_pdf())
    )
    found = {file.name: file for file in await files_of(house, document)}
    for name, (data, reason) in bad.items():
        assert (found[name].state, found[name].fault) == ("refused", reason)
        assert name in page.text
        assert await house.objects.get(found[name].raw.key) == data
    assert found["good.pdf"].state == "good"
    assert page.text.count('class="is-bad"') == len(bad)
    done = await ha.send(page, f"{document}/compare", all_present="1")
    assert done.status_code == 200


async def test_an_upload_that_met_trouble_says_that_it_waits(tmp_path):
    """Stored: the clerk reads that nothing has to be sent again, not that it is being
    checked, and it is no page yet; later it is one, without a hand.
    """

    class Full:
        reserve_room = staticmethod(contextlib.nullcontext)

        async def rebuild(self, _name, _raw, **_):
            raise Trouble(Hindrance.STORE, "no space left on device")

    async with open_desk(tmp_path) as house:
        hindered = replaced(house, rebuilder=Full())
        async with browsing(app_of(hindered), "ha") as (ha,):
            page = await ha.look("/cases/new")
            page = await ha.send(page, "/cases", **CASE)
            document = path_of(page).removesuffix("/desk")
            file = ("good.pdf", scans.small_pdf())
            page = await ha.upload(page, f"{document}/files", file)
            assert page.status_code == 200
            assert "đã lưu, nhưng việc kiểm tra bị gián đoạn" in page.text
            assert "máy đang kiểm tra" not in page.text
            assert not await wiring.settled(hindered)
            assert await wiring.settled(house)
            page = await ha.look(f"{document}/desk")
            assert "bị gián đoạn" not in page.text
            (known,) = await files_of(house, document)
    assert known.state == "good"


async def test_a_full_queue_takes_nothing_and_says_when_to_come_again(tmp_path):
    """503 and Retry-After, to a browser and to a script; no byte of the file is kept,
    and when there is room the same file is taken.
    """
    async with open_desk(tmp_path) as house:
        rebuilder = StoredRebuilder(
            house.objects,
            quick_rebuilder(),
            prepared_reader(),
            SqlScanClaims(house.store, house.clock),
            most_in_hand=1,
        )
        busy = replaced(house, rebuilder=rebuilder)
        async with browsing(app_of(busy), "ha") as (ha,):
            page = await ha.look("/cases/new")
            page = await ha.send(page, "/cases", **CASE)
            document = path_of(page).removesuffix("/desk")
            file = ("good.pdf", scans.small_pdf())
            with rebuilder.reserve_room():
                page = await ha.upload(page, f"{document}/files", file)
                assert page.status_code == 503
                assert page.headers["Retry-After"] == "10"
                assert "quá nhiều tệp chờ kiểm tra" in page.text
                assert await files_of(house, document) == ()
                assert not await house.objects.any()
            page = await ha.look(f"{document}/desk")
            page = await ha.upload(page, f"{document}/files", file)
            assert page.status_code == 200
            (known,) = await files_of(house, document)
    assert known.state == "good"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("ả" * 300 + ".pdf", "…"),
        ("<script>alert(1)</script>.pdf", "script>.pdf"),
    ],
)
async def test_a_hostile_name_is_text(house, desk, name, shown):
    """No path, no bidi, no markup: kept short and shown as text."""
    ha, page, document = desk
    page = await ha.upload(page, f"{document}/files", (name, b"x"))
    (file,) = await files_of(house, document)
    assert shown in file.name
    assert len(file.name) <= 120
    assert "<script>" not in page.text
    assert "\u202e" not in page.text
    assert "passwd" not in file.raw.key


async def test_a_file_beyond_the_limit_is_refused_and_the_next_one_goes_on(house, desk):
    """The limit of the test's house is 1 MiB; the sentence says so."""
    ha, page, document = desk
    page = await ha.upload(
        page,
        f"{document}/files",
        ("large.pdf", b"%PDF-" + bytes(2 << 20)),
        ("good.pdf", scans.small_pdf()),
    )
    large, good = await files_of(house, document)
    assert (large.state, large.fault) == ("refused", "too-large")
    assert good.state == "good"


async def test_a_script_hears_each_file_as_json(desk):
    """With Accept: application/json the answer lists what became of each."""
    ha, page, document = desk
    answer = await ha.upload(
        page,
        f"{document}/files",
        ("a.pdf", scans.small_pdf(2)),
        ("b.pdf", b"text"),
        headers={"Accept": "application/json"},
    )
    good, bad = answer.json()["files"]
    assert (good["state"], good["pages"], good["reason"]) == ("good", 2, None)
    assert (bad["state"], bad["reason"]) == ("refused", "unknown-type")


async def test_an_upload_without_the_forms_token_stores_nothing(house, desk):
    """The token comes before the files, or as a header, or nothing is read."""
    ha, page, document = desk
    token = Form(page.text, f"{document}/files").sent()["csrf"][0]
    file = ("files", ("a.pdf", scans.small_pdf()))
    for fields in ({}, {"csrf": "x"}):
        answer = await ha.http.post(f"{document}/files", data=fields, files=[file])
        assert answer.status_code == 403
    wrong = {"X-CSRF-Token": "x"}
    answer = await ha.http.post(f"{document}/files", files=[file], headers=wrong)
    assert answer.status_code == 403
    assert await files_of(house, document) == ()
    right = {"X-CSRF-Token": token}
    answer = await ha.http.post(f"{document}/files", files=[file], headers=right)
    assert answer.status_code == 200
    assert len(await files_of(house, document)) == 1


async def test_a_cut_upload_leaves_no_file(house, desk):
    """The body ends in the middle of a part: nothing of it is a file."""
    ha, page, document = desk
    token = Form(page.text, f"{document}/files").sent()["csrf"][0]
    body = (
        b"--b\r\nContent-Disposition: form-data; "
        b'name="files"; filename="a.pdf"\r\n\r\n%PDF-1.7 and then'
    )
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "X-CSRF-Token": token,
    }
    answer = await ha.http.post(f"{document}/files", content=body, headers=headers)
    assert answer.status_code == 400
    assert await files_of(house, document) == ()


async def test_an_upload_cut_in_its_second_file_keeps_the_first(house, desk):
    """What has arrived whole is a file; what the line broke off is none."""
    ha, page, document = desk
    token = Form(page.text, f"{document}/files").sent()["csrf"][0]
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="%b"\r\n\r\n'
    body = (head % b"a.pdf") + b"text\r\n" + (head % b"b.pdf") + b"half of a te"
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "X-CSRF-Token": token,
    }
    answer = await ha.http.post(f"{document}/files", content=body, headers=headers)
    assert answer.status_code == 400
    (first,) = await files_of(house, document)
    assert first.name == "a.pdf"
    assert await house.objects.get(first.raw.key) == b"text"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--b\r\n"),
        ("multipart/form-data; boundary=b", b"nonsense"),
        (f"multipart/form-data; boundary={'b' * 257}", b"--b\r\n"),
        (f"multipart/form-data; boundary={'b' * 10_000}", b""),
        ("text/plain", b"x"),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n",
        ),
    ],
)
async def test_a_broken_upload_is_refused_in_words(desk, kind, body):
    """Whatever is sent, never a 500."""
    ha, _, document = desk
    headers = {"Content-Type": kind}
    answer = await ha.http.post(f"{document}/files", content=body, headers=headers)
    assert answer.status_code in {400, 403, 413}


async def test_removed_file_is_out_of_the_pages_and_still_evidence(house, desk):
    """Its raw bytes stay; the page desk no longer counts it."""
    ha, page, document = desk
    page = await ha.upload(
        page, f"{document}/files", ("a.pdf", scans.small_pdf()), ("b.pdf", b"text")
    )
    wrong = (await files_of(house, document))[1]
    page = await ha.send(page, f"{document}/files/{wrong.id}/remove")
    assert page.status_code == 200
    assert [f.state for f in await files_of(house, document)] == ["good", "removed"]
    assert await house.objects.get(wrong.raw.key) == b"text"


@pytest.fixture
async def paper(house):
    """A case with one document, for a house of any limits: its address and its page."""
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look("/cases/new")
        page = await ha.send(page, "/cases", **CASE)
        yield path_of(page).removesuffix("/desk")


async def test_a_document_takes_so_many_files(house, paper):
    """Refused and removed ones count: each keeps its bytes. The sentence says what to
    do, and what was there stays; a file sent again is answered as before."""
    async with browsing(app_of(limited(house, document_files=3)), "ha") as (ha,):
        page = await ha.look(f"{paper}/desk")
        three = [(f"{n}.pdf", b"text %d" % n) for n in range(3)]
        page = await ha.upload(page, f"{paper}/files", *three)
        fourth = await ha.upload(page, f"{paper}/files", ("4.pdf", b"text 4"))
        first = (await files_of(house, paper))[0]
        token = Form(page.text, f"{paper}/files").sent()["csrf"][0]
        again = await ha.http.post(
            f"{paper}/files",
            data={"csrf": token, "place": str(first.position)},
            files=[("files", three[0])],
        )
    assert fourth.status_code == 422
    assert "Giấy này đã nhận 3 tệp" in fourth.text
    assert again.status_code == 200
    assert len(await files_of(house, paper)) == 3


async def test_a_request_of_many_files_ends_with_its_time(house, paper):
    """201 tiny files would hold a worker for minutes: after its time a request's other
    files are not taken, the first ones are there, and the page says how to go on."""
    async with browsing(app_of(limited(house, upload_seconds=0.0)), "ha") as (ha,):
        page = await ha.look(f"{paper}/desk")
        many = [(f"{n}.pdf", b"text %d" % n) for n in range(201)]
        answer = await ha.upload(page, f"{paper}/files", *many)
        assert len(await files_of(house, paper)) == 1
        rest = await ha.upload(page, f"{paper}/files", many[1])
    assert answer.status_code == 422
    assert "chỉ nhận 1 tệp đầu" in answer.text
    assert rest.status_code == 200


async def test_a_request_takes_so_many_files(house, paper):
    """One more ends the request in words; those before it stay. Two hundred, unless a
    test says less (``test_rules``).
    """
    async with browsing(app_of(limited(house, request_files=5)), "ha") as (ha,):
        page = await ha.look(f"{paper}/desk")
        many = [(f"{n}.pdf", b"") for n in range(6)]
        answer = await ha.upload(page, f"{paper}/files", *many)
    assert answer.status_code == 413
    assert "<h1" in answer.text
    assert len(await files_of(house, paper)) == 5


async def test_an_upload_that_comes_too_slowly_is_ended_in_words(house, paper):
    """408 over a real connection, and nothing of what came is a file."""
    limits = ConnectionSettings(patience_seconds=0.3)
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look(f"{paper}/desk")
        token = Form(page.text, f"{paper}/files").sent()["csrf"][0]
        cookie = "; ".join(f"{n}={v}" for n, v in ha.http.cookies.items())
    app = create_app(wiring.desk(house), limits)
    async with listening(app, limits) as port:
        client = await knock(port)
        await client.send(
            f"POST {paper}/files HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n"
            f"X-CSRF-Token: {token}\r\nContent-Length: 1000\r\n"
            "Sec-Fetch-Site: same-origin\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
            'Content-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF'
        )
        answer = await client.hear()
    assert answer.status == 408
    assert "quá chậm" in answer.body
    assert {"retry-after", "content-security-policy"} <= set(answer.headers)
    assert await files_of(house, paper) == ()
