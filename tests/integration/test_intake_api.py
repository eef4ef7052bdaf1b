"""The interface for programs over a real desk: a case from its filing to its copy, by a
program with a token; the approval in between is a person's.
"""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest_asyncio

from bench.office.printing import fill
from intake.adapters.sql.changes import SqlChanges
from intake.adapters.sql.tables import answers
from intake.app.application import create_app
from intake.app.bell import Bell
from intake.domain.programs import Scope
from support.bells import Looked
from support.intake import app_of, browsing
from support.papers import open_papers

FILED = {
    "channel": "portal",
    "privacy_shown": True,
    "requester": {
        "kind": "person",
        "name": "Nguyễn Thị Bích Đào",
        "id_kind": "can-cuoc",
        "id_number": "000203004417",
        "birth_date": "2003-05-09",
        "phone": "0900 000 417",
    },
    "papers": [{"title": "Bằng tốt nghiệp", "kind": "diploma", "pages": 1}],
}


@pytest_asyncio.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


async def connected(papers, *scopes, name="Một cửa tỉnh", over=None):
    """A program's client, with a token of the administrator."""
    admitting, long = papers.desk.programs.admitting, papers.people["long"]
    day = papers.opened.clock().date() + timedelta(days=30)
    form = admitting.form(name, scopes or tuple(Scope), day)
    program, token = await admitting.issue(form, long)
    return program, client(over or papers.desk, token)


def client(desk, token):
    transport = httpx.ASGITransport(
        create_app(desk),
        raise_app_exceptions=False,
        client=("192.0.2.9", 5),
    )
    return httpx.AsyncClient(
        transport=transport,
        base_url="http://desk.example",
        headers={"Authorization": f"Bearer {token}"},
    )


def keyed(key, answer=None):
    tag = {"If-Match": answer.headers["etag"]} if answer is not None else {}
    return {"Idempotency-Key": key, **tag}


async def test_a_program_files_a_case_follows_it_and_gets_the_link(papers):
    """By the same use cases as a clerk's forms; the requester is in no answer."""
    _, http = await connected(papers)
    async with http:
        filed = await http.post("/v1/cases", json=FILED, headers=keyed("file-1"))
        assert filed.status_code == 201, filed.text
        case = filed.headers["location"]
        assert FILED["requester"]["name"] not in filed.text
        assert filed.json()["waits"]["act"] == "scan"
        paper = f"/v1/documents/{filed.json()['documents'][0]['id']}"

        sent = await http.post(f"{paper}/files", files={"files": ("a.png", b"page")})
        assert (sent.status_code, sent.json()["files"][0]["state"]) == (201, "good")
        known = await http.get(paper)
        pages = [page["digest"] for page in known.json()["page_list"]]
        picture = await http.get(known.json()["page_list"][0]["picture"])
        assert picture.status_code in {200, 404}

        said = {"pages": pages, "person": "Lò Thị Minh Hạ"}
        compared = await http.post(
            f"{paper}/compare", json=said, headers=keyed("compare-1", known)
        )
        assert compared.json()["document"]["compared_by"].startswith("Lò Thị Minh Hạ ·")
        submitted = await http.post(
            f"{paper}/submit", headers=keyed("submit-1", compared)
        )
        assert submitted.json()["document"]["state"] == "awaiting"
        assert "approve" not in submitted.json()["document"]["may"]
        assert (await http.get(f"{paper}/copy")).status_code == 404

        denied = await http.post(f"{paper}/approve", json={"version": 1, "seen": pages})
        assert denied.status_code == 403

        document = paper.rpartition("/")[2]
        await papers.look(document, "vinh")
        await papers.approve(document)
        await papers.seal(document)
        await papers.archive(document)
        copy = (await http.get(f"{paper}/copy")).json()
        assert copy["download"] == f"{copy['link']}/download"
        followed = await http.get(case)
        assert followed.json()["state"] == "issued"
        assert copy["link"] not in followed.text

        handed = await http.post(
            f"{case}/hand-over",
            json={"papers": [document], "ways": ["screen"]},
            headers=keyed("hand-1", followed),
        )
        assert [h["way"] for h in handed.json()["documents"][0]["handed"]] == ["screen"]

        changes = (await http.get("/v1/changes")).json()
        actions = [change["action"] for change in changes["changes"]]
        assert actions[0] == "received"
        assert changes["next"] == changes["changes"][-1]["seq"]
        rest = (await http.get("/v1/changes", params={"after": changes["next"]})).json()
        assert rest == {"changes": [], "next": changes["next"]}
        listed = (await http.get("/v1/cases", params={"q": "nguyen"})).json()
        assert [line["code"] for line in listed["cases"]] == [filed.json()["code"]]
        book = await http.get("/v1/register", params={"year": 2026, "month": 11})
        assert book.json()["rows"][0]["number"] == copy["number"]
        figures = (await http.get("/v1/figures")).json()
        assert figures["on_time"] == {"part": 1, "whole": 1}


async def test_a_month_of_the_register_comes_by_pages(papers):
    """Two hundred lines a page; whoever follows `next` has each line once."""
    _, http = await connected(papers)
    await papers.issued()
    await papers.opened.store.write(lambda tx: fill(tx, 201))
    month, numbers, after = {"year": 2026, "month": 11}, [], 0
    async with http:
        while after is not None:
            page = await http.get("/v1/register", params={**month, "after": after})
            after = page.json()["next"]
            numbers.append([row["number"] for row in page.json()["rows"]])
    assert [len(each) for each in numbers] == [200, 1]
    expected = [f"{n}/2026" for n in range(1, 202)]
    assert [each for page in numbers for each in page] == expected


async def test_a_file_that_is_sent_again_is_the_same_file(papers):
    """By its place; and a form without a file is no answer."""
    _, http = await connected(papers)
    async with http:
        filed = await http.post("/v1/cases", json=FILED, headers=keyed("a"))
        there = f"/v1/documents/{filed.json()['documents'][0]['id']}/files"
        sent = {"data": {"place": "1"}, "files": {"files": ("a.png", b"page")}}
        first, again = [await http.post(there, **sent) for _ in range(2)]
        assert (first.status_code, first.json()) == (201, again.json())
        none = await http.post(there, data={"place": "1"}, files={"x": b""})
        assert (none.status_code, none.json()["type"]) == (422, "urn:ecopy:misfit")


async def test_a_key_acts_once_and_a_tag_says_what_was_changed(papers):
    """The answer is given again; another body is refused; what is stale is, too."""
    _, http = await connected(papers)
    async with http:
        two = [http.post("/v1/cases", json=FILED, headers=keyed("k")) for _ in "ab"]
        answers = await asyncio.gather(*two)
        assert {answer.status_code for answer in answers} <= {201, 409}
        first = await http.post("/v1/cases", json=FILED, headers=keyed("k"))
        again = await http.post("/v1/cases", json=FILED, headers=keyed("k"))
        assert (first.status_code, first.content) == (201, again.content)
        assert again.headers["idempotency-replayed"] == "true"
        other = await http.post(
            "/v1/cases", json=FILED | {"channel": "post"}, headers=keyed("k")
        )
        assert (other.status_code, other.json()["type"]) == (422, "urn:ecopy:key-other")
        assert (await http.post("/v1/cases", json=FILED)).status_code == 400
        assert len((await http.get("/v1/cases")).json()["cases"]) == 1

        wrong = FILED | {"papers": [FILED["papers"][0] | {"kind": "no"}]}
        misfit = await http.post("/v1/cases", json=wrong, headers=keyed("w"))
        assert misfit.status_code == 422
        assert [e["pointer"] for e in misfit.json()["errors"]] == ["/papers/0/kind"]
        mended = await http.post("/v1/cases", json=FILED, headers=keyed("w"))
        assert mended.status_code == 201

        case, tag = first.headers["location"], first.headers["etag"]
        same = await http.get(case, headers={"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")
        more = FILED["papers"][0]
        bare = await http.post(f"{case}/documents", json=more, headers=keyed("p"))
        assert bare.status_code == 428
        added = await http.post(
            f"{case}/documents", json=more, headers=keyed("p", first)
        )
        assert len(added.json()["documents"]) == 2
        stale = await http.post(
            f"{case}/documents", json=more, headers=keyed("q", first)
        )
        assert (stale.status_code, stale.json()["type"]) == (412, "urn:ecopy:conflict")


async def test_an_answer_that_was_lost_is_made_again(papers):
    """A process that dies between the act and its answer leaves one case, and the next
    request with the key hears of it.
    """
    _, http = await connected(papers)
    async with http:
        await http.post("/v1/cases", json=FILED, headers=keyed("k"))
        lost = answers.update().values(status=None, headers=None, body=None)
        await papers.opened.store.write(lambda tx: tx.execute(lost))
        busy = await http.post("/v1/cases", json=FILED, headers=keyed("k"))
        assert (busy.status_code, busy.headers["retry-after"]) == (409, "5")
        papers.opened.clock.on(minutes=3)
        again = await http.post("/v1/cases", json=FILED, headers=keyed("k"))
        assert (again.status_code, again.json()["waits"]["act"]) == (201, "scan")
        assert len((await http.get("/v1/cases")).json()["cases"]) == 1


async def test_a_token_opens_its_scope_until_it_is_revoked(papers):
    """And nothing of people's pages, whatever its scope."""
    program, http = await connected(papers, Scope.READ_CASES)
    async with http, client(papers.desk, f"ecopy_aaaaaaaa_{43 * 'x'}") as stranger:
        assert (await http.get("/v1/cases")).status_code == 200
        filing = await http.post("/v1/cases", json=FILED, headers=keyed("k"))
        assert filing.status_code == 403
        for page in ("/", "/accounts", "/programs", "/v1/register?year=2026&month=1"):
            told = await http.get(page, headers={"Accept": "application/json"})
            assert told.status_code == 403, page
        await papers.desk.programs.admitting.revoke(
            program.prefix, papers.people["long"]
        )
        gone = await http.get("/v1/cases")
        assert (gone.status_code, gone.headers["www-authenticate"]) == (401, "Bearer")
        tries = [(await stranger.get("/v1/cases")).status_code for _ in range(21)]
        assert (tries[0], tries[-1]) == (401, 429)


async def test_the_administrator_sees_a_token_once(papers):
    """It is in the answer to the form, and in no page after it."""
    app = app_of(papers.opened)
    typed = {"name": "Cổng tỉnh", "scopes": ["read-cases"], "last_day": "2026-12-31"}
    async with browsing(app, "long") as (administrator,):
        page = await administrator.look("/programs")
        made = await administrator.send(page, "/programs", **typed)
        token = re.search(r'id="given">(ecopy_[a-z2-7]{8}_[\w-]{43})<', made.text)[1]
        assert made.headers["cache-control"] == "no-store"
        again = await administrator.send(page, "/programs", **typed)
        assert token not in again.text
        revoked = await administrator.send(
            again, f"/programs/{token.split('_')[1]}/revoke"
        )
        assert "Đã thu hồi mã của Cổng tỉnh." in revoked.text


async def test_what_was_typed_is_put_right_from_what_was_read(papers):
    """Until the approval, each field by itself; a stale correction is refused."""
    _, http = await connected(papers)
    async with http:
        known = FILED["papers"][0]
        three = FILED | {"papers": [known | {"copies": 3}]}
        filed = await http.post("/v1/cases", json=three, headers=keyed("a"))
        paper = filed.json()["documents"][0]["id"]
        body = {"papers": [known | {"id": paper, "title": "Bằng cử nhân", "pages": 3}]}
        there = f"{filed.headers['location']}/correct"
        after = await http.post(there, json=body, headers=keyed("b", filed))
        told = after.json()["documents"][0]
        assert (told["title"], told["declared_pages"]) == ("Bằng cử nhân", 3)
        assert told["fee"] == 3 * 5000, "as many copies as before"
        stale = await http.post(there, json=body, headers=keyed("c", filed))
        assert (stale.status_code, stale.json()["type"]) == (412, "urn:ecopy:stale")
        applicant = {"channel": "post", "requester": FILED["requester"] | {"phone": ""}}
        wrong = await http.post(
            there, json={"applicant": applicant}, headers=keyed("d", after)
        )
        pointers = [each["pointer"] for each in wrong.json()["errors"]]
        assert pointers == ["/applicant/requester/phone"]


async def test_a_program_waits_for_what_happens(papers):
    """The answer comes with the act, long before the time is over."""
    changes = Looked(SqlChanges(papers.opened.store))
    bell = Bell(changes, pause=0.01)
    desk = replace(papers.desk, bell=bell)
    _, http = await connected(papers, over=desk)
    stop = asyncio.Event()
    ringing = asyncio.create_task(bell.run(stop))
    async with http:
        last = (await http.get("/v1/changes")).json()["next"]
        waiting = asyncio.create_task(
            http.get("/v1/changes", params={"after": last, "wait": 25})
        )
        await changes.looked.wait()
        await papers.received()
        answer = await asyncio.wait_for(waiting, 20)
    stop.set()
    await ringing
    assert [each["action"] for each in answer.json()["changes"]] == ["received"]


async def test_a_program_arranges_the_papers_of_a_case(papers):
    """A step between papers is made from the case's tag, and one that is stale changes
    nothing. What was put aside has its name.
    """
    _, http = await connected(papers)
    first = await papers.pair()
    code, page_desk = first.rpartition("-")[0], f"/v1/documents/{first}"
    case = f"/v1/cases/{code}"
    async with http:
        before = await http.get(case)
        names = [p["name"] for p in (await http.get(page_desk)).json()["page_list"]]
        sent = {"paper": first, "pages": names[1:], "to": f"{code}-2"}
        answer = await http.post(
            f"{case}/pages/send", json=sent, headers=keyed("s", before)
        )
        assert [d["pages"] for d in answer.json()["documents"]] == [1, 2]
        back = {"paper": first}
        stale = await http.post(
            f"{case}/pages/undo", json=back, headers=keyed("u", before)
        )
        assert stale.status_code == 412
        undone = await http.post(
            f"{case}/pages/undo", json=back, headers=keyed("u", answer)
        )
        assert [d["pages"] for d in undone.json()["documents"]] == [2, 1]
        merged = await http.post(
            f"{case}/pages/merge",
            json=back | {"other": f"{code}-2", "title": "Một giấy"},
            headers=keyed("m", undone),
        )
        assert [d["pages"] for d in merged.json()["documents"]] == [3, 0]
        known = await http.get(page_desk)
        dropped = await http.post(
            f"{page_desk}/pages",
            json={"act": "drop", "pages": names[:1]},
            headers=keyed("d", known),
        )
        assert [p["name"] for p in dropped.json()["put_aside"]] == names[:1]
        placed = await http.post(
            f"{page_desk}/pages",
            json={"act": "place", "pages": names[1:]},
            headers=keyed("p", dropped),
        )
        assert placed.json()["page_list"][0]["name"] == names[1]
        wrong = await http.post(
            f"{case}/pages/undo",
            json={"paper": "x"},
            headers=keyed("x", await http.get(case)),
        )
        assert [e["pointer"] for e in wrong.json()["errors"]] == ["/paper"]


async def test_an_agreement_is_attached_and_an_extension_rests_on_it(papers):
    """The same bytes are the same agreement; the case lists it, and its pages come."""
    _, http = await connected(papers)
    document = await papers.scanned()
    case = f"/v1/cases/{document.rpartition('-')[0]}"
    async with http:
        none = await http.post(f"{case}/agreements", files={"x": b""})
        assert [e["pointer"] for e in none.json()["errors"]] == ["/file"]
        file = {"file": ("thoa-thuan.png", b"agreed")}
        made, again = [
            await http.post(f"{case}/agreements", files=file) for _ in range(2)
        ]
        assert (made.status_code, made.json()) == (201, again.json())
        known = await http.get(case)
        assert known.json()["agreements"] == [made.json()]
        pages = await http.get(made.json()["url"])
        assert (pages.status_code, pages.headers["content-type"]) == (
            200,
            "application/pdf",
        )
        later = {"ground": "pages", "days": 5, "agreement": made.json()["id"]}
        put_off = await http.post(
            f"{case}/extend", json=later, headers=keyed("e", known)
        )
        assert put_off.json()["due_at"] > known.json()["due_at"]


async def test_only_a_program_that_prints_reads_who_asked(papers):
    """A slip names its requester, so reading cases is not enough for it."""
    _, reading = await connected(papers, Scope.READ_CASES, name="Chỉ xem")
    _, printing = await connected(papers, Scope.PRINT_PAPERS, name="Máy in")
    code = (await papers.received()).rpartition("-")[0]
    async with reading, printing:
        there = f"/v1/cases/{code}/handouts/receipt"
        assert (await reading.get(there)).status_code == 403
        slip = await printing.get(there)
        assert slip.content.startswith(b"%PDF")
        late = await printing.get(f"/v1/cases/{code}/handouts/apology")
        assert (late.status_code, late.json()["type"]) == (422, "urn:ecopy:not-late")
