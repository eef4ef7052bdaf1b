"""The story in a real browser: a paper comes in, a stranger checks its copy."""

import base64
import re
from pathlib import Path

from playwright.sync_api import Page, expect

REQUESTER = {
    "requester": "Nguyễn Thị Bích Đào",
    "id_number": "000203004417",
    "birth_date": "09/05/2003",
    "phone": "0900 000 417",
}
CHECKED_MS = 60_000
ISSUED_MS = 60_000


def test_a_paper_becomes_a_copy_that_a_stranger_believes(
    house, visit, shot, three_files, tmp_path
) -> None:
    """Clerk, certifier, citizen and verifier, each in a browser of their own."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    shot(clerk, "01-board")
    new_case(clerk, shot)
    drop(clerk, three_files)
    compare_and_submit(clerk, shot)
    case = clerk.url

    certifier = visit(house.desk)
    sign_in(certifier, house.people["certifier"])
    approve(certifier, shot)

    link = issued(clerk, case, shot)
    sign_out(clerk)

    citizen = visit(viewport={"width": 390, "height": 844}, accept_downloads=True)
    copy = take(citizen, link, tmp_path, shot)
    verify(citizen, copy, shot)


def sign_in(page: Page, person) -> None:
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill(person.user)
    page.get_by_label("Mật khẩu").fill(person.password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("button", name="Thoát")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Thoát").click()
    expect(page.get_by_text("Đã thoát.")).to_be_visible()


def new_case(page: Page, shot) -> None:
    """Fee and due hour appear while typing."""
    page.goto("/")
    page.get_by_role("link", name="Hồ sơ mới N").click()
    for name, value in REQUESTER.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_label("Đã cho người dân xem").check()
    page.locator("[name=title]").fill("Giấy khai sinh và trích lục")
    page.locator("[name=issuing_body]").fill("UBND phường Hoa Ban")
    page.locator("[name=pages]").fill("3")
    expect(page.locator("[data-total]")).to_have_text("5.000 đ")
    shot(page, "02-new-case")
    page.get_by_role("button", name="Tiếp nhận, sang bàn trang").click()
    expect(page.get_by_role("heading", name="Bàn trang")).to_be_visible()
    shot(page, "03-page-desk-empty")


def drop(page: Page, files) -> None:
    """As a hand does: the files fall onto the page."""
    carried = [
        {
            "name": file.name,
            "kind": file.kind,
            "content": base64.b64encode(file.content).decode(),
        }
        for file in files
    ]
    transfer = page.evaluate_handle(
        """(files) => {
          const transfer = new DataTransfer();
          for (const { name, kind, content } of files) {
            const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type: kind }));
          }
          return transfer;
        }""",
        carried,
    )
    page.dispatch_event("#upload", "drop", {"dataTransfer": transfer})


def compare_and_submit(page: Page, shot) -> None:
    expect(page.locator(".thumb")).to_have_count(3, timeout=CHECKED_MS)
    expect(page.locator(".files .is-done")).to_have_count(3)
    page.get_by_label("Đã đối chiếu với bản chính").check()
    shot(page, "04-page-desk")
    page.get_by_role("button", name="Ghi đã đối chiếu").click()
    expect(page.get_by_text("Đã đối chiếu với bản chính: ")).to_be_visible()
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.locator(".tag", has_text="Chờ duyệt").first).to_be_visible()
    shot(page, "05-case-awaiting")


def approve(page: Page, shot) -> None:
    """Not possible before each page's lower edge was in view."""
    page.goto("/wall")
    button = page.get_by_role("button", name="Duyệt và ký")
    expect(button).to_have_attribute("aria-disabled", "true")
    shot(page, "06-wall-unseen")
    button.click(force=True)  # whoever presses it stays here, at a page not seen
    expect(button).to_be_visible()
    unseen = page.locator(".strip .unseen")
    while unseen.count():
        number = unseen.first.get_attribute("data-page")
        page.locator(f"[data-edge='{number}']").scroll_into_view_if_needed()
        expect(page.locator(f".strip [data-page='{number}']")).not_to_have_class(
            re.compile("unseen")
        )
    expect(button).not_to_have_attribute("aria-disabled", "true")
    shot(page, "07-wall-seen")
    page.keyboard.press("a")
    expect(page.get_by_text("Không có giấy nào chờ duyệt")).to_be_visible()


def issued(page: Page, case: str, shot) -> str:
    """The page that was left open says so by itself."""
    assert page.url == case
    link = page.locator("[data-link]")
    expect(link).to_be_visible(timeout=ISSUED_MS)
    expect(page.locator("h2 .tag", has_text="Đã cấp")).to_be_visible()
    shot(page, "08-case-issued")
    page.goto("/register")
    expect(page.locator("table.register tbody tr")).to_have_count(1)
    shot(page, "09-register")
    page.goto(case)
    return str(page.locator("[data-link]").get_attribute("href"))


def take(page: Page, link: str, folder: Path, shot) -> Path:
    page.goto(link)
    button = page.locator("a[download]")
    expect(button).to_be_visible()
    shot(page, "10-citizen")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as coming:
        button.click()
    copy = folder / coming.value.suggested_filename
    coming.value.save_as(copy)
    assert copy.read_bytes().startswith(b"%PDF-")
    return copy


def verify(page: Page, copy: Path, shot) -> None:
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    page.goto(f"{origin[0]}/kiem-tra")
    shot(page, "11-verify")
    transfer = page.evaluate_handle(
        """({ name, content }) => {
          const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: "application/pdf" }));
          return transfer;
        }""",
        {"name": copy.name, "content": base64.b64encode(copy.read_bytes()).decode()},
    )
    page.dispatch_event(".drop-public", "drop", {"dataTransfer": transfer})
    expect(page.locator(".verdict-genuine")).to_be_visible(timeout=CHECKED_MS)
    shot(page, "12-verdict")
