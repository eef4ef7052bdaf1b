"""What a clerk's hands do at the desk, in a real browser."""

import base64
import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

REQUESTER = {
    "requester": "Nguyễn Thị Bích Đào",
    "id_number": "000203004417",
    "birth_date": "09/05/2003",
    "phone": "0900 000 417",
}
CHECKED_MS = 60_000


@dataclass(frozen=True)
class Dropped:
    """A file as the desktop hands it to the browser."""

    name: str
    kind: str
    content: bytes


def sign_in(page: Page, person) -> None:
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill(person.user)
    page.locator("#password").fill(person.password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("button", name="Thoát")).to_be_visible()


def new_case(page: Page, shot=None) -> None:
    """Fee and due hour appear while typing."""
    page.goto("/")
    page.get_by_role("link", name="Hồ sơ mới N").click()
    fill_in(page)
    page.locator("[name=pages]").fill("3")
    expect(page.locator("[data-total]")).to_have_text("5.000 đ")
    if shot:
        shot(page, "02-new-case")
    page.get_by_role("button", name="Tiếp nhận, sang quét").click()
    expect(page.get_by_role("heading", name="Quét và xếp trang")).to_be_visible()
    # The script has begun: what is dropped before that, a browser opens by itself.
    expect(page.locator("#upload [data-plain]")).to_be_hidden()
    if shot:
        shot(page, "03-page-desk-empty")


def fill_in(page: Page) -> None:
    """The form of a new case, but for the number of pages."""
    for name, value in REQUESTER.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_label("Đã cho người dân xem").check()
    page.locator("[name=title]").fill("Giấy khai sinh và trích lục")
    page.locator("[name=kind]").select_option("birth-certificate")
    page.locator("[name=issuing_body]").fill("UBND phường Hoa Ban")


def drop(page: Page, files, where: str = "#upload") -> None:
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
    page.dispatch_event(where, "drop", {"dataTransfer": transfer})


def compare_and_submit(page: Page, shot=None) -> None:
    expect(page.locator(".thumb")).to_have_count(3, timeout=CHECKED_MS)
    expect(page.locator(".files .is-done")).to_have_count(3)
    page.get_by_label("Đã đối chiếu với bản chính").check()
    if shot:
        shot(page, "04-page-desk")
    page.get_by_role("button", name="Ghi đã đối chiếu").click()
    expect(page.get_by_text("Đã đối chiếu với bản chính: ")).to_be_visible()
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.locator(".tag", has_text="Chờ duyệt").first).to_be_visible()
    if shot:
        shot(page, "05-case-awaiting")


def approve(page: Page, shot=None) -> None:
    """The certifier's act; not possible before each page's lower edge was in view."""
    page.goto("/wall")
    button = page.get_by_role("button", name="Duyệt và ký")
    expect(button).to_have_attribute("aria-disabled", "true")
    if shot:
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
    if shot:
        shot(page, "07-wall-seen")
    page.keyboard.press("a")
    expect(page.get_by_text("Không có giấy nào chờ duyệt")).to_be_visible()
