"""The checking page in a real browser: Back, reload, several files, an empty field."""

import pytest
from playwright.sync_api import expect

from storage.domain.gate import compile_trust
from support.desk_browser import Dropped, drop
from support.forging.copy import PINS, good
from support.forging.pki import ours, trust_document
from support.public_face import public_face

GENUINE = "ĐÚNG BẢN ĐÃ CẤP"
UNRECORDED = "DO CHÚNG TÔI KÝ NHƯNG KHÔNG CÓ TRONG SỔ LƯU"
COPY = good().write()
NOTE = Dropped("ghi-chu.txt", "text/plain", "Giấy khai sinh".encode())
PHOTO = Dropped("anh.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(500))
MINE = Dropped("ban-sao.pdf", "application/pdf", COPY)


@pytest.fixture
def public(tmp_path):
    trust = compile_trust(trust_document(ours(), PINS))
    with public_face(tmp_path, trust) as opened:
        yield opened


@pytest.fixture
def page(visit, public):
    return visit(public.origin, locale="en-GB")


def let_fall(page, *files):
    drop(page, list(files), ".drop-public")


def archive(public):
    public.run(public.store.archived(COPY))


def test_back_after_a_verdict_leads_to_the_form(page, public):
    """And forward to the verdict again; no address ever names the file."""
    archive(public)
    page.goto("/cach-kiem-tra")
    page.goto("/kiem-tra")
    let_fall(page, MINE)
    expect(page.get_by_role("heading", name=GENUINE)).to_be_focused()
    assert page.url == f"{public.origin}/kiem-tra"
    page.go_back()
    expect(page.get_by_text("Chọn tệp PDF")).to_be_visible()
    assert page.title().startswith("Kiểm tra một bản sao")
    page.go_forward()
    expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
    page.go_back()
    let_fall(page, MINE)
    expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="Cách kiểm tra")).to_be_visible()


def test_a_reload_shows_the_verdict_again(page, public):
    """By its hash it is asked for anew, of a sent file the answer is shown again."""
    archive(public)
    page.goto("/kiem-tra")
    let_fall(page, MINE)
    expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
    expect(page.get_by_text("ban-sao.pdf")).to_be_visible()
    page.go_back()
    let_fall(page, PHOTO)
    page.get_by_role("button", name="Gửi tệp để xem tiếp").click()
    expect(page.get_by_text("Đây là ảnh.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Đây là ảnh.")).to_be_visible()


def test_of_several_files_one_is_checked_and_the_others_are_offered(page, public):
    """None is judged in silence, none is dropped in silence."""
    archive(public)
    page.goto("/kiem-tra")
    let_fall(page, MINE, PHOTO, NOTE)
    expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
    expect(page.get_by_role("heading", name="Các tệp chưa kiểm tra")).to_be_visible()
    page.get_by_role("button", name="anh.jpg").click()
    expect(page.get_by_role("button", name="ghi-chu.txt")).to_be_visible()
    page.get_by_role("button", name="Gửi tệp để xem tiếp").click()
    expect(page.get_by_text("Đây là ảnh.")).to_be_visible()
    expect(page.get_by_role("button", name="anh.jpg")).to_have_count(0)
    page.get_by_role("button", name="ghi-chu.txt").click()
    page.get_by_role("button", name="Gửi tệp để xem tiếp").click()
    expect(page.get_by_role("heading", name="KHÔNG ĐỌC ĐƯỢC")).to_be_visible()
    expect(page.get_by_role("heading", name="Các tệp chưa kiểm tra")).to_be_hidden()


def test_the_first_of_several_is_named_while_it_is_asked_for(page):
    """Before the file is sent: which one, and that it is one at a time."""
    page.goto("/kiem-tra")
    let_fall(page, NOTE, MINE)
    expect(
        page.get_by_text("Bạn đã thả 2 tệp; kiểm tra trước: ghi-chu.txt.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="ban-sao.pdf")).to_be_visible()


def test_a_true_copy_without_a_record_says_so(page):
    """The whole way of a person: drop, send, read."""
    page.goto("/kiem-tra")
    let_fall(page, MINE)
    page.get_by_role("button", name="Gửi tệp để xem tiếp").click()
    expect(page.get_by_role("heading", name=UNRECORDED)).to_be_focused()
    page.get_by_text("Chi tiết", exact=True).click()
    expect(page.get_by_text("1180/2026")).to_be_visible()


def test_an_empty_code_is_asked_for_in_our_words(page):
    """The browser speaks English here; the page does not leave the question to it."""
    page.goto("/kiem-tra")
    page.get_by_role("button", name="Kiểm tra mã").click()
    expect(page.locator("#code-e")).to_contain_text("Chưa có mã nào.")


def test_nothing_speaks_of_dropping_where_nothing_can_be_dropped(visit, public):
    """A telephone has fingers."""
    phone = visit(public.origin, {"width": 390, "height": 844}, has_touch=True)
    for page, shown in ((phone, False), (visit(public.origin), True)):
        page.goto("/kiem-tra")
        expect(page.get_by_role("button", name="Kiểm tra tệp")).to_be_hidden()
        expect(page.get_by_text("Chọn tệp PDF")).to_be_visible()
        expect(page.get_by_text("Thả tệp vào đây")).to_be_visible(visible=shown)


def test_a_crowd_is_told_what_is_the_matter(page, public):
    """429 while the hash is asked for is not "no copy has this hash"."""
    archive(public)
    page.goto("/kiem-tra")
    script = (
        "for (let i = 0; i < 320; i++) await fetch('/v1/digests/' + '0'.repeat(64))"
    )
    page.evaluate(f"async () => {{ {script} }}")
    let_fall(page, MINE)
    expect(page.get_by_role("heading", name="Thử quá nhiều lần")).to_be_visible()


def test_another_file_can_be_checked_after_a_verdict(page, public):
    """The link stands at its own address: following it is not a reload."""
    archive(public)
    for again in ("Kiểm tra tệp khác", "Kiểm tra một bản sao"):
        page.goto("about:blank")
        page.goto("/kiem-tra")
        let_fall(page, MINE)
        expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
        page.get_by_role("link", name=again).click()
        expect(page.get_by_text("Chọn tệp PDF")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()


def test_a_verdict_can_be_read_in_the_other_language(page, public):
    """By its hash or by the file still at hand; and back, and after a reload."""
    archive(public)
    page.goto("/kiem-tra")
    let_fall(page, MINE)
    expect(page.get_by_role("heading", name=GENUINE)).to_be_visible()
    for link, shown in (("English", "GENUINE"), ("Tiếng Việt", GENUINE)):
        page.get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", name=shown)).to_be_focused()
    page.get_by_role("link", name="Kiểm tra tệp khác").click()
    let_fall(page, PHOTO)
    page.get_by_role("button", name="Gửi tệp để xem tiếp").click()
    expect(page.get_by_text("Đây là ảnh.")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_text("This is a picture.")).to_be_visible()
    assert page.url == f"{public.origin}/verify"
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.get_by_text("This is a picture.")).to_be_visible()
    page.get_by_role("link", name="Check another file").click()
    expect(page.get_by_text("Choose a PDF file")).to_be_visible()
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.get_by_text("Chọn tệp PDF")).to_be_visible()
