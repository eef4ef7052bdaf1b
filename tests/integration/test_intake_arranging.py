"""Pages arranged by plain forms, without script, up to the original that is ordered."""

import io
import re

import pikepdf
import pytest
from PIL import Image, ImageOps

from corpus import scans
from intake.adapters.sql import audit
from intake.adapters.sql.cases import SqlCases
from support.intake import CASE, Form, app_of, browsing, open_desk, path_of

PAPER = ("title", "kind", "issuing_body", "pages")


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


def sheet(level, number):
    """A page that is known by its grey, with a mark in its upper left corner."""
    page = Image.new("L", (620, 877), level)
    page.paste(0, (20, 20, 220, 60 + 40 * number))
    content = io.BytesIO()
    page.save(content, "JPEG", quality=90, dpi=(75, 75))
    return (f"trang-{number}.jpg", content.getvalue())


THREE = (sheet(240, 1), sheet(200, 2), sheet(160, 3))


async def scanned(clerk, *files, pages="3", papers=1):
    page = await clerk.look("/cases/new")
    words = CASE | {"pages": pages}
    typed = {name: [words[name]] * papers for name in PAPER}
    data = Form(page.text, "/cases").sent(**words) | typed
    page = await clerk.http.post("/cases", data=data)
    document = path_of(page).removesuffix("/desk")
    page = await clerk.upload(page, f"{document}/files", *files)
    assert page.status_code == 200, page.text
    return page, document


def names(page):
    """The pages as the desk lists them."""
    return re.findall(r'<li data-key="([^"]+)">', page.text)


async def step(clerk, page, document, act, *pages, **more):
    form = Form(page.text, f"{document}/pages").sent(act=act)
    return await clerk.http.post(
        f"{document}/pages", data=form | {"page": list(pages)} | more
    )


async def stored(house, document):
    return await SqlCases(house.store).document(document.rsplit("/", 1)[-1])


async def seen(clerk, document, known):
    """The pictures of the paper's pages, as a browser shows them."""
    answers = [
        await clerk.look(f"{document}/pictures/{page}/large")
        for page in known.page_digests
    ]
    return [
        ImageOps.exif_transpose(Image.open(io.BytesIO(answer.content)))
        for answer in answers
    ]


def marked(picture):
    """The corner in which the mark is, and how light the page is."""
    grey = picture.convert("L").resize((60, 60))
    corners = {"nw": (0, 0), "ne": (59, 0), "sw": (0, 59), "se": (59, 59)}
    near = {
        name: grey.crop((min(x, 48), min(y, 48), min(x, 48) + 12, min(y, 48) + 12))
        for name, (x, y) in corners.items()
    }
    darkest = min(near, key=lambda name: min(near[name].tobytes()))
    return darkest, round(grey.getpixel((30, 30)), -1)


async def test_what_is_joined_is_what_is_shown(house):
    """Moved, turned and dropped without a script: the desk's pictures, the original's
    pages and the digests of the approval are the same pages.
    """
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, document = await scanned(clerk, *THREE, pages="2")
        one, two, three = names(page)
        page = await step(clerk, page, document, "first", three)
        page = await step(clerk, page, document, "turn-right", three)
        page = await step(clerk, page, document, "drop", two)
        assert names(page) == [three, one]
        known = await stored(house, document)
        pictures = await seen(clerk, document, known)
        assert [marked(each) for each in pictures] == [("ne", 160), ("nw", 240)]
        assert pictures[0].width > pictures[0].height
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        page = await clerk.send(page, f"{document}/submit")
        wall = await certifier.look(f"/wall/{document.rsplit('/', 1)[-1]}")
        answer = await certifier.approve(wall, document)
        assert answer.status_code == 200, answer.text
    known = await stored(house, document)
    assert known.certification.order.manifest == known.original.manifest
    content = await house.objects.get(known.original.ref.key)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert [page.get("/Rotate", 0) for page in pdf.pages] == [90, 0]
        images = [page.obj.Resources.XObject["/Im0"] for page in pdf.pages]
        lights = [
            round(pikepdf.PdfImage(i).as_pil_image().getpixel((300, 400)), -1)
            for i in images
        ]
    assert lights == [160, 240]


async def test_a_whole_file_is_joined_as_it_is_until_something_differs(house):
    """The part itself, bit for bit; turned there and back, too."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, ("w3.pdf", scans.mixed_pdf()), pages="4")
        first, *_ = names(page)
        for act in ("turn-left", "turn-right"):
            page = await step(clerk, page, document, act, first)
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        await clerk.send(page, f"{document}/submit")
    known = await stored(house, document)
    assert known.original.ref == known.files[0].part.ref


async def test_steps_are_undone_and_redone_after_a_reload(house):
    """The next page that anybody opens offers it; the audit keeps all of it."""
    async with browsing(app_of(house), "ha", "man") as (clerk, other):
        page, document = await scanned(clerk, *THREE)
        before = names(page)
        page = await step(clerk, page, document, "last", before[0])
        page = await other.look(path_of(page))
        assert "đổi chỗ 1 trang · Lò Thị Minh Hạ" in page.text
        page = await step(other, page, document, "undo")
        assert names(page) == before
        page = await clerk.look(path_of(page))
        page = await step(clerk, page, document, "redo")
        assert names(page) == [*before[1:], before[0]]
        nothing = await step(clerk, page, document, "redo")
        assert nothing.status_code == 422
        assert "không có bước nào để làm lại" in nothing.text
        case = await clerk.look(f"/cases/{document.rsplit('/', 1)[-1][:-2]}")
        assert case.text.count("Hoàn tác một bước xếp trang") == 1
    assert (await house.store.read(audit.verified)).head.rows > 0


async def test_a_step_takes_the_comparison_back(house):
    """What was held beside the paper lay otherwise."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, *THREE)
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        page = await step(clerk, page, document, "turn-over", names(page)[0])
        assert f'action="{document}/submit"' not in page.text
        assert (await stored(house, document)).compared_by is None


async def test_a_step_of_an_older_page_is_told_who_was_first(house):
    """Nothing of it is recorded."""
    async with browsing(app_of(house), "ha", "man") as (clerk, other):
        page, document = await scanned(clerk, *THREE)
        old = await other.look(path_of(page))
        await step(clerk, page, document, "last", names(page)[0])
        late = await step(other, old, document, "last", names(old)[1])
        assert late.status_code == 409
        assert "Lò Thị Minh Hạ" in late.text
        assert len((await stored(house, document)).history.steps) == 1


async def test_one_paper_becomes_two_and_two_become_one(house):
    """Each with its words, its fee and its pages; the forms name both versions."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, *THREE)
        one, two, three = names(page)
        page = await clerk.send(
            page,
            f"{document}/pages/split",
            at=two,
            title="Bằng",
            pages="1",
            new_title="Bảng điểm",
            new_kind="diploma",
            new_pages="2",
        )
        assert "Đã tách ra giấy 2: Bảng điểm" in page.text
        assert path_of(page) == f"{document[:-1]}2/desk"
        assert names(page) == [two, three]
        first, second = (
            await stored(house, document),
            await stored(house, f"{document[:-1]}2"),
        )
        assert (first.fee, second.fee) == (2000, 4000)
        page = await clerk.send(
            page,
            f"{document[:-1]}2/pages/send",
            to=first.id,
            page=[three],
        )
        assert names(page) == [two]
        page = await clerk.look(f"{document}/desk")
        assert names(page) == [one, three]
        page = await clerk.send(
            page,
            f"{document}/pages/merge",
            other=second.id,
            title="Cả hai",
            order="before",
        )
        assert "Đã ghép thành một giấy: Cả hai" in page.text
        assert names(page) == [two, one, three]
        page = await step(clerk, page, document, "undo")
        assert names(page) == [one, three]
        ended = await clerk.look(f"{document[:-1]}2/desk")
        assert names(ended) == [two]


async def test_a_page_scanned_again_takes_its_place(house):
    """The new scan is sent as any file is, then put where the old page was; and what
    was dropped is brought back or inserted elsewhere.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, *THREE, sheet(120, 4))
        one, two, three, new = names(page)
        page = await clerk.send(page, f"{document}/pages/replace", old=two, page=[new])
        assert names(page) == [one, new, three]
        page = await clerk.send(page, f"{document}/pages/insert", after="", page=[two])
        assert names(page) == [two, one, new, three]
        page = await step(clerk, page, document, "drop", one, new)
        page = await step(clerk, page, document, "restore", new)
        assert names(page) == [two, new, three]


async def sent_again(clerk, document, page, old, file):
    """As the dialog sends it without script: the page first, then its new scan."""
    form = Form(page.text, f"{document}/pages/replace").sent()
    return await clerk.http.post(
        f"{document}/files",
        data={"csrf": form["csrf"][0], "key": form["key"][0], "old": old},
        files=[("files", file)],
    )


async def test_a_new_scan_takes_the_place_of_the_page_it_was_sent_for(house):
    """In one step, when it is good. An undo brings the old page back and puts the new
    one aside, however often. A scan that is refused replaces nothing, and one whose
    page has gone is a page of its own: no file is lost.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, *THREE)
        one, two, three = names(page)
        page = await sent_again(clerk, document, page, two, ("x.jpg", b"no picture"))
        assert names(page) == [one, two, three]
        before = page
        for _ in range(2):  # the same form again, as after a lost answer
            page = await sent_again(clerk, document, before, two, sheet(120, 4))
        known = await stored(house, document)
        new = f"{known.files[-1].id}.1"
        assert names(page) == [one, new, three]
        assert [step.kind for step in known.history.steps] == ["replace"]
        for _ in range(2):
            page = await step(clerk, page, document, "undo")
            assert names(page) == [one, two, three]
            known = await stored(house, document)
            assert [str(page.id) for page in known.dropped_pages] == [new]
            page = await step(clerk, page, document, "redo")
            assert names(page) == [one, new, three]
        page = await sent_again(clerk, document, page, two, sheet(80, 5))
        last = (await stored(house, document)).files[-1].id
        assert names(page) == [one, new, three, f"{last}.1"]


@pytest.mark.parametrize(
    ("act", "pages", "status"),
    [
        ("turn-right", [], 422),
        ("turn-right", ["x.1"], 422),
        ("turn-right", ["no page"], 400),
        ("eat", [], 400),
        ("place", ["x.1"], 422),
    ],
)
async def test_what_no_button_sends_changes_nothing(house, act, pages, status):
    """One sentence, and the pages are as before."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, *THREE[:1])
        answer = await step(clerk, page, document, act, *pages)
        assert answer.status_code == status
        assert (await stored(house, document)).history.steps == ()


async def test_a_page_looked_at_closely_is_drawn_from_what_is_signed(house):
    """Tiles of the turned page, as sharp as it was scanned; no other name answers."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        content = io.BytesIO()
        page = Image.new("L", (1300, 1800), 230)
        page.paste(40, (0, 0, 700, 300))
        page.save(content, "JPEG", quality=90, dpi=(150, 150))
        shown, document = await scanned(clerk, ("a.jpg", content.getvalue()))
        await step(clerk, shown, document, "turn-right", *names(shown))
        (digest,) = (await stored(house, document)).page_digests
        address = f"{document}/pictures/{digest}/tiles"
        tiles = {}
        for name in ("0-0", "1-0", "0-1", "1-1"):
            answer = await clerk.look(f"{address}/{name}")
            assert answer.headers["cache-control"] == "private, no-store"
            tiles[name] = Image.open(io.BytesIO(answer.content)).convert("L")
        assert [tile.size for tile in tiles.values()] == [
            *((1024, 1024), (776, 1024), (1024, 276), (776, 276))
        ]
        assert tiles["1-0"].getpixel((700, 300)) < 60  # the dark corner, turned
        assert tiles["0-0"].getpixel((100, 100)) > 200
        for name in ("2-0", "0", "0-0.jpg", "-1-0"):
            assert (await clerk.look(f"{address}/{name}")).status_code == 404
        other = await certifier.look(f"{address}/0-0")
        assert other.content == (await clerk.look(f"{address}/0-0")).content


async def test_a_straightened_page_is_what_the_original_holds(house):
    """The scan's stream bit for bit under another matrix; the scan stands beside it on
    the desk and is no page that was put aside. What was trimmed is not in the original.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await scanned(clerk, *THREE[:2], pages="2")
        one, two = names(page)
        before = await stored(house, document)
        form = f"{document}/pages/adjust"
        page = await clerk.send(page, form, page=one, degrees="2,5")
        made = names(page)[0]
        known = await stored(house, document)
        assert known.pages[0].facts.sha256 == before.pages[0].facts.sha256
        assert known.pages[0].manifest.width > before.pages[0].manifest.width
        assert "straightened" in known.pages[0].facts.flags
        assert names(page) == [made, two]
        beside = re.search(r'class="as-scanned"><img src="([^"]+)"', page.text)[1]
        assert (await clerk.look(beside)).content == await picture_of(house, before)
        assert "put-aside" not in page.text
        page = await clerk.send(
            page, form, page=made, degrees="0", **{"trim-low": "50"}
        )
        known = await stored(house, document)
        (image,) = known.pages[0].manifest.images
        assert (image.width, image.height) == (620, 438)
        page = await clerk.send(page, form, page=names(page)[0], degrees="0")
        assert names(page) == [one, two]


async def picture_of(house, known):
    return await house.objects.get(known.pages[0].preview)
