"""The picture on the certifier's screen is the one that is signed."""

import io
import re

from playwright.sync_api import expect

from corpus import sample_scan
from support.desk_browser import (
    CHECKED_MS,
    Dropped,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)

MEAN_GREY = """async (img) => {
  await img.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  pen.drawImage(img, 0, 0, 64, 64);
  const { data } = pen.getImageData(0, 0, 64, 64);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += data[at];
  return sum / (data.length / 4);
}"""
FROM_CACHE = """(url) => fetch(url, { cache: "only-if-cached", mode: "same-origin" })
  .then((answer) => answer.status, () => 0)"""
APPROVE = """async ([action, seen]) => {
  const body = new URLSearchParams(new FormData(document.getElementById("approve")));
  body.delete("seen");
  for (const page of seen) body.append("seen", page);
  const answer = await fetch(action, { method: "POST", body });
  return [answer.status, await answer.text()];
}"""


def dark_scans():
    """Three sheets as a scanner with a broken lamp gives them."""
    files = []
    for number in (1, 2, 3):
        sheet = sample_scan.sheet(number).point(lambda level: level // 5)
        content = io.BytesIO()
        sheet.save(content, "JPEG", quality=80, dpi=(300, 300))
        files.append(Dropped(f"toi-{number}.jpg", "image/jpeg", content.getvalue()))
    return files


def grey_on_the_wall(wall):
    return wall.locator("#page-1 img").evaluate(MEAN_GREY)


def boxes(wall):
    return wall.locator("#approve [name=seen]").evaluate_all(
        "(boxes) => boxes.map((box) => box.value)"
    )


def look_at_all(wall):
    for number in (1, 2, 3):
        wall.locator(f"[data-edge='{number}']").scroll_into_view_if_needed()
        expect(wall.locator(f".strip [data-page='{number}'].unseen")).to_have_count(0)


def scan_again(clerk, document):
    clerk.on("dialog", lambda dialog: dialog.accept())  # "remove …?"
    clerk.goto(f"/documents/{document}/desk")
    while clerk.locator(".files .is-done").count():
        before = clerk.locator(".files .is-done").count()
        clerk.locator(".files .is-done").first.get_by_role("button").click()
        expect(clerk.locator(".files .is-done")).to_have_count(before - 1)
    drop(clerk, dark_scans())
    compare_and_submit(clerk)


def test_a_rescan_is_what_the_certifier_sees_and_signs(house, visit, shot, three_files):
    """Looked at, sent back, scanned again, looked at again: the new picture stands on
    the wall, the old digests approve nothing, and after signing out there is none.
    """
    clerk, certifier = visit(house.desk), visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    document = clerk.url.rsplit("/", 2)[-2]
    drop(clerk, three_files)
    compare_and_submit(clerk)

    sign_in(certifier, house.people["certifier"])
    certifier.goto(f"/wall/{document}")
    look_at_all(certifier)
    bright, old = grey_on_the_wall(certifier), boxes(certifier)
    certifier.keyboard.press("r")
    certifier.locator("#sb-text").fill("Quét lại cho sáng hơn.")
    certifier.locator("[form=send-back-form]").click()
    certifier.wait_for_url("**/wall*")

    scan_again(clerk, document)
    certifier.goto(f"/wall/{document}")
    look_at_all(certifier)
    dark = grey_on_the_wall(certifier)
    assert bright > 150
    assert dark < 60
    assert not set(old) & set(boxes(certifier))
    shot(certifier, "30-rescan-on-the-wall")

    status, page = certifier.evaluate(APPROVE, [f"/documents/{document}/approve", old])
    assert status == 422
    assert "không phải các trang hiện có của giấy này" in page

    picture = certifier.locator("#page-1 img").get_attribute("src")
    assert certifier.evaluate(FROM_CACHE, picture) != 200
    certifier.locator("[data-approve]").click()
    expect(clerk.locator("#live-papers")).to_contain_text(
        re.compile(r"\d+/20\d\d"), timeout=CHECKED_MS
    )

    certifier.get_by_role("button", name="Thoát").click()
    certifier.wait_for_url("**/sign-in*")
    assert certifier.evaluate(FROM_CACHE, picture) != 200
    assert certifier.evaluate("sessionStorage.length") == 0
    certifier.goto(picture)
    expect(certifier.get_by_label("Mật khẩu")).to_be_visible()
    certifier.go_back()
    expect(certifier.locator("#page-1 img")).to_have_count(0)


def test_the_wall_works_without_script(house, visit, three_files):
    """The browser asks for the pictures, a hand ticks the boxes; a box too few is said
    in words.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    document = clerk.url.rsplit("/", 2)[-2]
    drop(clerk, three_files)
    compare_and_submit(clerk)
    certifier = visit(house.desk, java_script_enabled=False)
    sign_in(certifier, house.people["certifier"])
    for ticked in (2, 3):
        certifier.goto(f"/wall/{document}", wait_until="load")
        boxes = certifier.locator("#approve [name=seen]")
        for number in range(ticked):
            boxes.nth(number).check()
        certifier.locator("[data-approve]").click()
        if ticked < 3:
            expect(certifier.get_by_text("Còn trang 3 chưa xem")).to_be_visible()
    certifier.wait_for_url("**/wall")
    expect(clerk.locator("#live-papers")).to_contain_text(
        re.compile(r"\d+/20\d\d"), timeout=CHECKED_MS
    )
