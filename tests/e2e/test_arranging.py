"""Pages arranged by hand in a real browser, up to the copy that is issued."""

import io

import pypdfium2
from PIL import Image, ImageChops, ImageOps, ImageStat
from playwright.sync_api import expect

from corpus import sample_scan
from support.desk_browser import (
    CHECKED_MS,
    Dropped,
    approve,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)

ISSUED_MS = 60_000


def sheet(number, shade):
    """A page with its own number in the corner's blocks."""
    page = sample_scan.sheet(1 + number % 3).resize((1240, 1754))
    for block in range(number):
        page.paste(shade, (100 + 120 * block, 60, 190 + 120 * block, 150))
    content = io.BytesIO()
    page.save(content, "JPEG", quality=80, dpi=(150, 150))
    name = f"trang-{number}.jpg"
    return Dropped(name, "image/jpeg", content.getvalue())


SHEETS = [sheet(1, (200, 30, 30)), sheet(2, (30, 130, 30)), sheet(3, (30, 30, 200))]


def order(page):
    """The files from which the pages come, as the thumbnails lie."""
    shown = page.locator("#live-pages figcaption").all_text_contents()
    return [text.rsplit("từ ", 1)[1].strip().removesuffix(".jpg") for text in shown]


def becomes(page, *names):
    expect(page.locator("#pages > li")).to_have_count(len(names), timeout=CHECKED_MS)
    wanted = [f"trang-{name}" for name in names]
    deadline = page.locator("#live-pages figcaption")
    for index, name in enumerate(wanted):
        expect(deadline.nth(index)).to_contain_text(name)
    assert order(page) == wanted


def does(page, kind):
    """What the page says of the step that was made last."""
    expect(page.locator("#live-step")).to_contain_text(kind)


def as_seen(page):
    """The pictures of the pages, as the browser shows them, small and grey."""
    found = []
    for img in page.locator("#live-pages img.paper").all():
        answer = page.request.get(img.get_attribute("src"))
        picture = Image.open(io.BytesIO(answer.body()))
        found.append(small(ImageOps.exif_transpose(picture)))
    return found


def small(picture):
    return picture.convert("L").resize((120, 160), Image.Resampling.BOX)


def copied(path, pages):
    """The copy's pages but for the last, which is the clause."""
    with pypdfium2.PdfDocument(path) as pdf:
        assert len(pdf) == pages + 1
        for number in range(pages):
            yield pdf[number].render(scale=1).to_pil()


def difference(one, other):
    return ImageStat.Stat(ImageChops.difference(one, other)).mean[0]


def test_pages_are_put_right_and_the_copy_is_what_was_shown(
    house, visit, shot, tmp_path
):
    """By drag, by keys and after a reload: order and turns of the issued copy are those
    of the desk.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, SHEETS)
    becomes(clerk, 1, 2, 3)
    pages = clerk.locator("#pages > li")
    pages.nth(2).drag_to(pages.nth(0), target_position={"x": 10, "y": 60})
    becomes(clerk, 3, 1, 2)
    shot(clerk, "40-desk-dragged")
    # What changes nothing is no step, and the next press acts all the same.
    clerk.locator("#pages a.thumb").first.click()
    clerk.keyboard.press("Alt+ArrowUp")
    clerk.locator("#pages a.thumb").nth(1).click()

    # By keys alone, from the page that is current.
    clerk.keyboard.press("j")
    clerk.keyboard.press("Alt+ArrowUp")
    becomes(clerk, 3, 2, 1)
    clerk.keyboard.press("BracketRight")
    does(clerk, "xoay 1 trang")
    now = order(clerk)
    clerk.keyboard.press("Delete")
    expect(pages).to_have_count(2)
    expect(clerk.locator("#put-aside summary")).to_contain_text("Đã bỏ (1)")
    clerk.reload()
    clerk.keyboard.press("z")
    expect(pages).to_have_count(3)
    does(clerk, "xoay 1 trang")
    clerk.keyboard.press("y")
    expect(pages).to_have_count(2)
    clerk.keyboard.press("Control+z")
    expect(pages).to_have_count(3)
    assert order(clerk) == now
    shot(clerk, "41-desk-turned")

    compare_and_submit(clerk)
    case = clerk.url
    desk = f"/documents/{case.rsplit('/', 1)[1]}-1/desk"
    clerk.goto(desk)
    assert order(clerk) == now
    shown = as_seen(clerk)
    certifier = visit(house.desk)
    sign_in(certifier, house.people["certifier"])
    approve(certifier)
    copy = issued(visit, clerk, case, tmp_path)
    for picture, page in zip(shown, copied(copy, 3), strict=True):
        check_same(picture, page)


def check_same(picture, page, most=4):
    """The picture stands at the top of the copy's page, turned as it was shown."""
    scan = page.crop((0, 0, page.width, round(page.height - FOOTER_POINTS)))
    straight = difference(picture, small(scan))
    turned = [
        difference(picture, small(scan.transpose(way)))
        for way in (
            Image.Transpose.ROTATE_90,
            Image.Transpose.ROTATE_180,
            Image.Transpose.ROTATE_270,
        )
    ]
    assert straight < most
    assert straight < 0.6 * min(turned)


FOOTER_POINTS = 25.5
"""What a copy's page has more below than the scan (``ecopy.paper``)."""


def issued(visit, clerk, case, folder):
    clerk.goto(case)
    link = clerk.locator("[data-link]")
    expect(link).to_be_visible(timeout=ISSUED_MS)
    citizen = visit(accept_downloads=True)
    citizen.goto(str(link.get_attribute("href")))
    with citizen.expect_download() as coming:
        citizen.locator("a[download]").click()
    copy = folder / "copy.pdf"
    coming.value.save_as(copy)
    return copy


def test_papers_are_split_merged_and_a_page_is_scanned_again(house, visit, shot):
    """Each by its form; the focus comes back to where it was."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, [*SHEETS, sheet(4, (90, 90, 0))])
    becomes(clerk, 1, 2, 3, 4)
    clerk.locator("#pages a.thumb").nth(1).click()
    clerk.keyboard.press("p")
    expect(clerk.locator("#replace-old")).to_be_focused()
    expect(clerk.locator("#replace-old option:checked")).to_have_text("2")
    clerk.locator("#replace input[type=radio]").nth(3).check()
    shot(clerk, "42-desk-replace")
    clerk.locator("#replace .btn-main").click()
    becomes(clerk, 1, 4, 3)

    clerk.keyboard.press("s")
    clerk.locator("#split-at").select_option(index=0)
    clerk.locator("#split-title-new").fill("Bảng điểm")
    clerk.locator("#split-kind").select_option("transcript")
    clerk.locator("#split-pages-new").fill("2")
    clerk.locator("#split-pages-old").fill("1")
    shot(clerk, "43-desk-split")
    clerk.locator("#split .btn-main").click()
    expect(clerk.get_by_text("Đã tách ra giấy 2: Bảng điểm")).to_be_visible()
    becomes(clerk, 4, 3)
    shot(clerk, "44-desk-second-paper")

    clerk.locator("#pages a.thumb").nth(1).click()
    clerk.keyboard.press("m")
    expect(clerk.locator("#send-form input:checked")).to_have_count(1)
    clerk.locator("#send .btn-main").click()
    becomes(clerk, 4)
    clerk.get_by_role("link", name="Giấy 1").click()
    becomes(clerk, 1, 3)
    clerk.keyboard.press("g")
    shot(clerk, "45-desk-merge")
    clerk.locator("#merge .btn-main").click()
    expect(clerk.get_by_text("Đã ghép thành một giấy")).to_be_visible()
    becomes(clerk, 1, 3, 4)
    clerk.get_by_role("button", name="Hoàn tác").click()
    becomes(clerk, 1, 3)


def test_a_page_is_looked_at_closely(house, visit, shot):
    """Larger by keys and by the wheel; what is in sight comes as sharp as it was
    scanned, and nothing else of the page is loaded.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    big = io.BytesIO()
    sample_scan.sheet(2).save(big, "JPEG", quality=80, dpi=(300, 300))
    drop(clerk, [Dropped("trang-1.jpg", "image/jpeg", big.getvalue())])
    becomes(clerk, 1)
    view = clerk.locator("#live-pages .view")
    fitted = clerk.locator("#live-pages img.paper").bounding_box()["width"]
    for _ in range(5):
        clerk.keyboard.press("+")
    tiles = clerk.locator("#live-pages .tile")
    expect(tiles.first).to_be_visible(timeout=CHECKED_MS)
    for tile in tiles.all():
        expect(tile).to_have_js_property("complete", True)
    assert 1 <= tiles.count() < 12
    assert clerk.locator("#live-pages img.paper").bounding_box()["width"] > 5 * fitted
    before = view.evaluate("(view) => view.scrollTop")
    clerk.keyboard.press("ArrowDown")
    expect(view).not_to_have_js_property("scrollTop", before)
    shot(clerk, "46-desk-zoomed")
    clerk.keyboard.press("0")
    expect(tiles).to_have_count(0)
    box = view.bounding_box()
    clerk.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    clerk.keyboard.down("Control")
    clerk.mouse.wheel(0, -100)
    clerk.keyboard.up("Control")
    expect(clerk.locator("figure.is-zoomed")).to_have_count(1)


def test_pages_are_arranged_without_script(house, visit):
    """Ticked, then pressed; the forms between papers open by their links."""
    with_script = visit(house.desk)
    sign_in(with_script, house.people["clerk"])
    new_case(with_script)
    drop(with_script, SHEETS)
    becomes(with_script, 1, 2, 3)
    clerk = visit(house.desk, java_script_enabled=False)
    sign_in(clerk, house.people["clerk"])
    clerk.goto(with_script.url)
    clerk.locator("#pages input[name=page]").nth(2).check()
    clerk.get_by_role("button", name="đưa lên đầu").click()
    becomes(clerk, 3, 1, 2)
    clerk.locator(".tools [href='#split']").click()
    expect(clerk.locator("#split")).to_be_visible()
