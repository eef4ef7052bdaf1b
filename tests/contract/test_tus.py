"""tus 1.0.0 as its specification says, on two stores, two databases, two replicas.

https://tus.io/protocols/resumable-upload
"""

import asyncio
import base64
import hashlib
import os
from datetime import timedelta

import pytest
from sqlalchemy import update

from chassis.objects.opening import open_objects
from chassis.objects.s3 import S3Objects
from chassis.settings import ConnectionSettings, ObjectsSettings
from intake.adapters.sql import tables
from intake.adapters.uploads import HeldUploads
from intake.domain.uploading import ABANDONED, OffsetMoved
from intake.wiring.uploading import stored_uploads
from support import intake
from support.knocking import knock, listening
from support.papers import one_page
from support.tus import PIECES, metadata, two_replicas
from support.waiting import until

CONTENT = os.urandom(2_500_000)
LIMIT = 4 << 20


@pytest.fixture
async def house(request, tmp_path, objects):
    """A directory beside SQLite, as in one office; S3 beside PostgreSQL, as in a
    province.
    """
    url = f"sqlite:///{tmp_path}/intake.db"
    if isinstance(objects, S3Objects):
        url = request.getfixturevalue("postgres").place()
    async with two_replicas(url, objects, tmp_path, file_bytes=LIMIT) as opened:
        yield opened
    objects.close()


@pytest.fixture
async def plain(tmp_path):
    """For what no store can change."""
    store = open_objects(ObjectsSettings(url=f"file:{tmp_path}/store"))
    url = f"sqlite:///{tmp_path}/intake.db"
    async with two_replicas(url, store, tmp_path, file_bytes=LIMIT) as opened:
        yield opened
    store.close()


async def whole(house, document):
    """The bytes of the only file that the document has."""
    (file,) = (await house.known(document)).files
    return await house.papers.opened.objects.get(file.raw.key)


async def test_an_upload_goes_on_at_another_replica(house):
    """Half of it here, half of it there: one file with the bytes that were sent, its
    digest and its place; nothing of the pieces is left.
    """
    document = await house.papers.received()
    by = house.papers.people["ha"]
    first = await house.papers.desk.files.reserve_places(document, 3, by)
    named = metadata(filename="trang 2.png", place=str(first + 1))
    async with house.sender(0) as here, house.sender(1) as there:
        made = await here.begin(document, len(CONTENT), metadata=named)
        assert made.status_code == 201
        url = made.headers["Location"]
        half = await there.patch(url, 0, CONTENT[:1_234_567])
        assert (half.status_code, half.headers["Upload-Offset"]) == (204, "1234567")
        asked = await here.head(url)
        assert asked.headers["Upload-Offset"] == "1234567"
        assert asked.headers["Upload-Length"] == str(len(CONTENT))
        assert asked.headers["Upload-Metadata"] == named
        assert asked.headers["Cache-Control"] == "no-store"
        rest = await here.patch(url, 1_234_567, CONTENT[1_234_567:])
        assert rest.status_code == 204, rest.text
        assert rest.headers["Upload-Offset"] == str(len(CONTENT))
    assert await whole(house, document) == CONTENT
    (file,) = (await house.known(document)).files
    assert (file.name, file.position, file.state) == ("trang 2.png", first + 1, "good")
    assert file.raw.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert await house.pieces() == []


async def test_an_upload_may_name_the_page_that_it_replaces(house):
    """It lies there when its last byte is in, whichever replica takes it; a page that
    is not in the paper is refused before the first byte.
    """
    document = await house.papers.scanned()
    (old,) = (await house.known(document)).pages
    async with house.sender(0) as here, house.sender(1) as there:
        named = metadata(filename="lai.png", replaces="nothing.1")
        refused = await here.begin(document, 3, metadata=named)
        assert refused.status_code == 422
        named = metadata(filename="lai.png", replaces=str(old.id))
        url = (await here.begin(document, 3, metadata=named)).headers["Location"]
        assert (await here.patch(url, 0, b"on")).status_code == 204
        assert (await there.patch(url, 2, b"e")).status_code == 204
    known = await house.known(document)
    assert [page.file_name for page in known.pages] == ["lai.png"]
    assert [page.id for page in known.dropped_pages] == [old.id]


async def test_of_two_senders_at_once_one_goes_on(house):
    """The other one gets 409, and the file is that of the first."""
    document = await house.papers.received()
    contents = [bytes([n]) * 300_000 for n in range(4)]
    async with house.sender(0) as here, house.sender(1) as there:
        url = (await here.begin(document, 600_000)).headers["Location"]
        answers = await asyncio.gather(
            *(
                (here, there)[n % 2].patch(url, 0, content)
                for n, content in enumerate(contents)
            )
        )
        statuses = [answer.status_code for answer in answers]
        assert sorted(statuses) == [204, 409, 409, 409]
        first = contents[statuses.index(204)]
        assert len(await house.pieces()) == 1
        assert (await there.patch(url, 300_000, b"x" * 300_000)).status_code == 204
    assert await whole(house, document) == first + b"x" * 300_000


async def test_a_lost_answer_makes_no_second_file(house):
    """The last bytes once more are 409, HEAD says that all is there, as often as it is
    asked; a file that the clerk took out stays out.
    """
    document = await house.papers.received()
    async with house.sender(0) as here, house.sender(1) as there:
        url = (await here.begin(document, 1000)).headers["Location"]
        assert (await here.patch(url, 0, bytes(1000))).status_code == 204
        assert (await there.patch(url, 0, bytes(1000))).status_code == 409
        assert (await there.patch(url, 1000, b"")).status_code == 204
        assert await there.offset(url) == await here.offset(url) == 1000
        known = await house.known(document)
        (file,) = known.files
        by = house.papers.people["ha"]
        await house.papers.desk.files.remove_file(document, file.id, known.version, by)
        assert await here.offset(url) == 1000
    (file,) = (await house.known(document)).files
    assert file.state == "removed"


async def test_what_was_whole_becomes_a_file_without_its_sender(house):
    """The last byte was durable, and whoever took it died before it made the file: a
    look makes it, or the loop does; both at once make one.
    """
    document = await house.papers.received()
    uploads = stored_uploads(*_places(house, 0))
    desk = house.papers.desk
    async with house.sender(1) as there:
        url = (await there.begin(document, 3)).headers["Location"]
        upload = await uploads.find(url.rpartition("/")[2])
        key = await uploads.keep_piece(upload, b"abc")
        await uploads.advance(upload, ((key, 3),), house.papers.opened.clock())
        assert (await house.known(document)).files == ()
        house.papers.opened.clock.on(seconds=1 + ABANDONED.total_seconds())
        await asyncio.gather(there.head(url), desk.uploading.finish_rest())
    assert await whole(house, document) == b"abc"
    assert await house.pieces() == []
    assert await desk.uploading.finish_rest() == ()


def _places(house, replica):
    opened = house.replicas[replica]
    return opened.store, opened.objects


async def test_an_id_is_one_file_of_a_document(plain):
    """Two that complete one upload at once bring the same file; one that the clerk has
    taken out meanwhile stays out.
    """
    document = await plain.papers.received()
    files, by = plain.papers.desk.files, plain.papers.people["ha"]

    def receive():
        return files.receive_file(document, "a.png", one_page(), by, known_as="u1")

    await asyncio.gather(receive(), receive())
    known = await plain.known(document)
    assert [file.id for file in known.files] == ["u1"]
    await files.remove_file(document, "u1", known.version, by)
    await receive()
    assert [file.state for file in (await plain.known(document)).files] == ["removed"]


async def test_a_closed_upload_is_cleared_after_a_crash(house):
    """It was received, and whoever closed it died before its pieces were gone."""
    document = await house.papers.received()
    uploads = stored_uploads(*_places(house, 0))
    async with house.sender(1) as there:
        url = (await there.begin(document, 3)).headers["Location"]
        upload = await uploads.find(url.rpartition("/")[2])
        key = await uploads.keep_piece(upload, b"ab")
        await uploads.advance(upload, ((key, 2),), house.papers.opened.clock())
        await house.papers.opened.store.write(
            lambda tx: tx.execute(update(tables.uploads).values(state="received"))
        )
        assert await house.pieces() == [key]
        house.papers.opened.clock.on(seconds=1 + ABANDONED.total_seconds())
        assert await house.papers.desk.uploading.finish_rest() == ()
    assert await house.pieces() == []


async def test_a_cut_line_keeps_what_came(house):
    """The sender is gone in the middle of a request: it goes on behind the bytes that
    had come, at the other replica, and is not asked for them again.
    """
    document = await house.papers.received()
    async with (
        house.sender(0) as here,
        house.sender(1) as there,
        listening(house.apps[0], ConnectionSettings()) as port,
    ):
        url = (await here.begin(document, len(CONTENT))).headers["Location"]
        client = await knock(port)
        said = {
            "Host": "desk",
            "Tus-Resumable": "1.0.0",
            "Content-Type": PIECES,
            "Upload-Offset": "0",
            "Content-Length": str(len(CONTENT)),
            **here.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        await client.send(f"PATCH {url} HTTP/1.1\r\n{lines}\r\n", CONTENT[:1_700_000])
        client.close()
        await until(lambda: _has(there, url, 1_700_000))
        rest = await there.patch(url, 1_700_000, CONTENT[1_700_000:])
        assert rest.status_code == 204
    assert await whole(house, document) == CONTENT


async def _has(sender, url, offset):
    return await sender.offset(url) == offset


async def test_an_abandoned_upload_is_swept(house):
    """After its time: row and pieces, also those that a killed sender had stored and no
    row names, and those of an upload that is gone; a younger one stays.
    """
    document = await house.papers.received()
    uploads = stored_uploads(*_places(house, 0))
    clock = house.papers.opened.clock
    held = HeldUploads(*_places(house, 1))
    async with house.sender() as sender:
        old = (await sender.begin(document, 500)).headers["Location"]
        await sender.patch(old, 0, bytes(200))
        upload = await uploads.find(old.rpartition("/")[2])
        await uploads.keep_piece(upload, b"never committed")
        await house.papers.opened.objects.put("arriving/gone-0-aa", b"stray")
        clock.on(hours=25)
        async with house.sender() as later:
            young = (await later.begin(document, 500)).headers["Location"]
            await later.patch(young, 0, bytes(100))
            before = clock() - timedelta(hours=24)
            amount = await held.amount(before)
            assert (amount.count, amount.due, amount.size) == (2, 1, 300)
            assert await held.remove(before, 500) == 1
            assert (await later.head(old)).status_code == 404
            assert await later.offset(young) == 100
    assert len(await house.pieces()) == 1


async def test_a_store_that_lost_a_piece_says_so(house):
    """The upload is over (404) rather than a file with a hole."""
    document = await house.papers.received()
    async with house.sender() as sender:
        url = (await sender.begin(document, 20)).headers["Location"]
        await sender.patch(url, 0, bytes(10))
        (key,) = await house.pieces()
        await house.papers.opened.objects.delete(key)
        assert (await sender.patch(url, 10, bytes(10))).status_code == 404
        assert (await sender.head(url)).status_code == 404
    assert (await house.known(document)).files == ()


async def test_the_server_says_what_it_can(plain):
    """OPTIONS needs no session and no version."""
    async with plain.sender() as sender:
        for path in ("/documents/x/uploads", "/uploads/x"):
            answer = await sender.http.options(path)
            assert answer.status_code == 204
            assert answer.headers["Tus-Version"] == "1.0.0"
            assert answer.headers["Tus-Max-Size"] == str(LIMIT)
            assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
            offered = answer.headers["Tus-Extension"].split(",")
            assert {"creation", "termination", "expiration"} <= set(offered)


@pytest.mark.parametrize("version", ["", "0.2.2"])
async def test_another_version_is_412(plain, version):
    """For each method, with the versions that are spoken, and nothing is done."""
    document = await plain.papers.received()
    async with plain.sender() as sender:
        url = (await sender.begin(document, 10)).headers["Location"]
        sender.headers["Tus-Resumable"] = version
        answers = [
            await sender.begin(document, 10),
            await sender.head(url),
            await sender.patch(url, 0, bytes(10)),
            await sender.end(url),
        ]
        sender.headers.pop("Tus-Resumable")
        assert await sender.offset(url) == 0
    for answer in answers:
        assert answer.status_code == 412
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Resumable"] == "1.0.0"


async def test_each_no_has_the_status_of_the_protocol(plain):
    """400, 409, 413, 415; the upload stays where it was."""
    document = await plain.papers.received()
    async with plain.sender() as sender:
        url = (await sender.begin(document, 10)).headers["Location"]
        await sender.patch(url, 0, b"123")
        answers = {
            409: await sender.patch(url, 2, b"x"),
            415: await sender.patch(url, 3, b"x", Content_Type="text/plain"),
            400: await sender.patch(url, 3, b"x", Upload_Offset=""),
            413: await sender.patch(url, 3, b"x" * 8),
        }
        assert await sender.offset(url) == 3
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.json()["status"] == status


async def test_nothing_begins_that_cannot_end(plain):
    """Too long is 413 before a byte, an unreadable length or metadata 400, a body of
    another kind 415, an unknown document 404.
    """
    document = await plain.papers.received()
    async with plain.sender() as sender:
        assert (await sender.begin(document, LIMIT + 1)).status_code == 413
        assert (await sender.begin(document, 10**15)).status_code == 413
        for length in ("-1", "x", "", "1" * 19):
            said = {"Upload-Length": length}
            answer = await sender.begin(document, 1, headers=said)
            assert answer.status_code == 400, length
        for odd in ("filename ***", "filename /w==", "place eA==", "é YQ=="):
            said = {"Upload-Metadata": odd.encode()}
            answer = await sender.begin(document, 1, headers=said)
            assert answer.status_code == 400, odd
        assert (await sender.begin(document, 2, content=b"ab")).status_code == 415
        assert (await sender.begin(f"{document}0", 1)).status_code == 404
    assert await plain.pieces() == []


async def test_a_small_file_comes_with_its_announcement(plain):
    """creation-with-upload: one request, and the file is there; an empty one, too."""
    document = await plain.papers.received()
    async with plain.sender() as sender:
        said = {"Content-Type": PIECES}
        made = await sender.begin(document, 5, content=b"abcde", headers=said)
        assert (made.status_code, made.headers["Upload-Offset"]) == (201, "5")
        empty = await sender.begin(document, 0)
        assert (empty.status_code, empty.headers["Upload-Offset"]) == (201, "0")
    assert [file.raw.size for file in (await plain.known(document)).files] == [5, 0]


async def test_a_refused_beginning_leaves_nothing(plain):
    """Too many bytes, or spoilt ones, come with the announcement: the sender was told
    no address, so nothing waits for it, and no file appears later.
    """
    document = await plain.papers.received()
    spoilt = {"Content-Type": PIECES, "Upload-Checksum": "sha1 " + "A" * 27 + "="}
    async with plain.sender() as sender:
        for length, headers in ((0, {"Content-Type": PIECES}), (5, spoilt)):
            refused = await sender.begin(
                document, length, headers=headers, content=b"12345"
            )
            assert refused.status_code == (413 if length == 0 else 460)
            assert "Location" not in refused.headers
    uploading = plain.papers.desk.uploading
    assert await uploading.uploads.of_document(document) == ()
    assert await plain.pieces() == []
    assert (await plain.known(document)).files == ()


async def test_a_program_that_can_only_post_says_what_it_means(plain):
    """X-HTTP-Method-Override, which the protocol demands."""
    document = await plain.papers.received()
    async with plain.sender() as sender:
        url = (await sender.begin(document, 4)).headers["Location"]
        said = {"Upload-Offset": "0", "Content-Type": PIECES, **sender.headers}
        said |= {"Tus-Resumable": "1.0.0"}
        answers = [
            await sender.http.post(
                url, content=body, headers={**said, "X-HTTP-Method-Override": method}
            )
            for method, body in (("PATCH", b"abcd"), ("HEAD", b""), ("GET", b""))
        ]
    assert [answer.status_code for answer in answers] == [204, 200, 405]
    assert answers[1].headers["Upload-Offset"] == "4"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_spoilt_bytes_are_460_and_are_not_kept(plain, algorithm):
    """Over several pieces, too; the right ones are then taken."""
    document = await plain.papers.received()
    digest = base64.b64encode(hashlib.new(algorithm, CONTENT).digest()).decode()
    async with plain.sender() as sender:
        url = (await sender.begin(document, len(CONTENT))).headers["Location"]
        said = {"Upload_Checksum": f"{algorithm} {digest}"}
        spoilt = await sender.patch(url, 0, b"x" + CONTENT[1:], **said)
        assert spoilt.status_code == 460
        assert await plain.pieces() == []
        assert await sender.offset(url) == 0
        odd = await sender.patch(url, 0, b"x", Upload_Checksum="md4 eA==")
        assert odd.status_code == 400
        assert (await sender.patch(url, 0, CONTENT, **said)).status_code == 204
    assert await whole(plain, document) == CONTENT


async def test_an_upload_is_its_own_clerks(plain):
    """Another agency's people find nothing, nor does a colleague: whoever brings a scan
    is remembered. Nobody signed in is 401.
    """
    document = await plain.papers.received()
    async with (
        plain.sender() as mine,
        plain.sender(user="elsewhere") as stranger,
        plain.sender(user="man") as colleague,
    ):
        url = (await mine.begin(document, 10)).headers["Location"]
        assert (await stranger.begin(document, 10)).status_code == 404
        for other in (stranger, colleague):
            assert (await other.head(url)).status_code == 404
            assert (await other.patch(url, 0, b"x")).status_code == 404
            assert (await other.end(url)).status_code == 404
        mine.headers["Authorization"] = "Bearer nobody"
        assert (await mine.head(url)).status_code == 401
        assert (await mine.patch(url, 0, b"x")).status_code == 401


async def test_a_browser_sends_its_sessions_token_as_a_header(plain):
    """Without it the request is another site's: 403, for each method that acts."""
    document = await plain.papers.received()
    desk = plain.papers.desk
    signed_in = await desk.staff.sign_in("ha", intake.PASSWORD, "192.0.2.7")
    async with plain.sender() as sender:
        url = (await sender.begin(document, 10)).headers["Location"]
        sender.headers.pop("Authorization")
        sender.headers["Cookie"] = f"{desk.cookie}={signed_in.token}"
        for token in ("", "forged"):
            sender.headers["X-CSRF-Token"] = token
            assert (await sender.begin(document, 10)).status_code == 403
            assert (await sender.patch(url, 0, b"x")).status_code == 403
            assert (await sender.end(url)).status_code == 403
        sender.headers["X-CSRF-Token"] = signed_in.session.csrf
        assert (await sender.patch(url, 0, b"x")).status_code == 204
        sender.headers["Sec-Fetch-Site"] = "cross-site"
        assert (await sender.end(url)).status_code == 403


async def test_an_ended_upload_is_gone(plain):
    """204, then 404 for everything; its pieces go at once. What was received stays."""
    document = await plain.papers.received()
    async with plain.sender() as sender:
        url = (await sender.begin(document, 10)).headers["Location"]
        await sender.patch(url, 0, b"12345")
        assert (await sender.end(url)).status_code == 204
        assert await plain.pieces() == []
        assert (await sender.head(url)).status_code == 404
        assert (await sender.patch(url, 5, b"12345")).status_code == 404
        assert (await sender.end(url)).status_code == 404
        url = (await sender.begin(document, 1)).headers["Location"]
        await sender.patch(url, 0, b"1")
        assert (await sender.end(url)).status_code == 204
        assert await sender.offset(url) == 1
    assert [file.state for file in (await plain.known(document)).files] == ["good"]


async def test_a_paper_that_was_submitted_takes_no_more(plain):
    """422 with the sentence; and when the paper comes back, the file does not appear in
    it by itself.
    """
    document = await plain.papers.compared()
    async with plain.sender() as sender:
        url = (await sender.begin(document, 10)).headers["Location"]
        await plain.papers.submit(document)
        answer = await sender.patch(url, 0, bytes(10))
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:ecopy:not-editable"
        assert (await sender.head(url)).status_code == 404
        assert (await sender.begin(document, 10)).status_code == 422
    assert len((await plain.known(document)).files) == 1
    assert await plain.pieces() == []


async def test_a_paper_has_not_more_uploads_than_files(tmp_path):
    """The limit of files counts those on their way."""
    store = open_objects(ObjectsSettings(url=f"file:{tmp_path}/store"))
    url = f"sqlite:///{tmp_path}/intake.db"
    async with two_replicas(url, store, tmp_path, document_files=2) as house:
        document = await house.papers.received()
        async with house.sender() as sender:
            answers = [await sender.begin(document, 5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 422]


async def test_a_full_disk_is_noticed_before_the_upload(tmp_path):
    """507 and a sentence, of the protocol and of the plain form; what others were
    promised counts.
    """
    store = open_objects(ObjectsSettings(url=f"file:{tmp_path}/store"))
    url = f"sqlite:///{tmp_path}/intake.db"
    async with two_replicas(url, store, tmp_path, spare_bytes=1 << 60) as house:
        document = await house.papers.received()
        async with house.sender() as sender:
            refused = await sender.begin(document, 5)
            form = await sender.http.post(
                f"/documents/{document}/files",
                files={"files": ("a.png", b"x")},
                headers={**sender.headers, "Accept": "application/json"},
            )
    assert (refused.status_code, form.status_code) == (507, 507)
    assert "no room for this file" in refused.json()["detail"]


async def test_a_promise_is_kept_in_the_store(plain):
    """What an open upload is still to take is its length twice, less what it has."""
    document = await plain.papers.received()
    uploads = stored_uploads(*_places(plain, 0))
    async with plain.sender() as sender:
        url = (await sender.begin(document, 1000)).headers["Location"]
        await sender.patch(url, 0, bytes(300))
        assert await uploads.promised() == 1700
        await sender.end(url)
    assert await uploads.promised() == 0


async def test_a_late_piece_joins_nothing(plain):
    """Its upload was ended while it was written: it is dropped."""
    document = await plain.papers.received()
    uploads = stored_uploads(*_places(plain, 0))
    async with plain.sender() as sender:
        url = (await sender.begin(document, 10)).headers["Location"]
        upload = await uploads.find(url.rpartition("/")[2])
        await sender.end(url)
    key = await uploads.keep_piece(upload, b"late")
    with pytest.raises(OffsetMoved):
        await uploads.advance(upload, ((key, 4),), plain.papers.opened.clock())
    assert await plain.pieces() == []
