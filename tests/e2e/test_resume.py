"""Uploads that go on: over a dead line, a reload, an ended session, a kill -9."""

import io
import os
import re
import signal
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from corpus import sample_scan
from intake.usecases.uploading import PIECE_BYTES
from support.desk_browser import CHECKED_MS, Dropped, drop, new_case, sign_in
from support.line import line_to
from support.servers import wait_for

FAST, SLOW = 1_500_000, 400_000
"""Bytes a second: a machine that is busy with other tests must find the upload of nine
megabytes still on its way."""
REQUEST_BYTES = 8 << 20
"""Of the page's script (``tus.js``)."""
UPLOAD_SCRIPT = re.compile(r"/upload\.js")


@cache
def noise() -> bytes:
    """A page that no compression makes small: more than one request of the script."""
    grain = Image.effect_noise((2000, 2700), 90).convert("RGB")
    sheet = sample_scan.sheet(1).resize((2008, 2839))
    sheet.paste(grain, (2, 30))
    content = io.BytesIO()
    sheet.save(content, "JPEG", quality=100, subsampling=0, dpi=(240, 240))
    return content.getvalue()


def page_of(number: int) -> Dropped:
    sheet = sample_scan.sheet(1 + number % 3).resize((827, 1170))
    sheet.paste((20 * number, 90, 90), (50, 50, 200, 200))
    content = io.BytesIO()
    sheet.save(content, "JPEG", quality=40, dpi=(100, 100))
    return Dropped(f"trang {number}.jpg", "image/jpeg", content.getvalue())


@pytest.fixture
def line(house):
    """Between the browser and the desk."""
    with line_to(urlsplit(house.desk).port) as opened:
        yield opened


def clerk_of(house, visit, line):
    page = visit(f"http://127.0.0.1:{line.port}")
    sign_in(page, house.people["clerk"])
    new_case(page)
    return page


def patched(page) -> list[str]:
    """Offsets of the requests that carried bytes, from now on."""
    offsets: list[str] = []

    def note(request):
        if request.method == "PATCH":
            offsets.append(request.headers["upload-offset"])

    page.on("request", note)
    return offsets


def sending(page):
    return page.locator("#sending-list > li")


def beyond(page, percent):
    """The bar has come so far."""
    page.wait_for_function(
        "least => [...document.querySelectorAll('#sending-list progress')]"
        ".some(bar => bar.value >= least)",
        arg=percent,
    )


@contextmanager
def begun_upload(page):
    """Gives a function for the address of the upload that begins inside."""
    with page.expect_response(lambda answer: answer.status == 201) as answered:
        yield lambda: answered.value.headers["location"]


def offset_at_server(page, url):
    """The bytes that the desk has. The bar runs ahead of it: it counts what the browser
    has put into its socket, of which nothing may have come when the line is cut.
    """
    answer = page.request.head(url, headers={"Tus-Resumable": "1.0.0"})
    return int(answer.headers["upload-offset"])


def arrived(page, count=1):
    expect(page.locator("#live-files .is-done")).to_have_count(
        count, timeout=CHECKED_MS
    )


def test_a_dead_line_costs_nothing_but_time(house, visit, line, shot):
    """It goes on by itself, at once when the network is back, behind what had come."""
    clerk = clerk_of(house, visit, line)
    offsets = patched(clerk)
    line.go_at(SLOW)
    with begun_upload(clerk) as url:
        drop(clerk, [Dropped("phai nang.jpg", "image/jpeg", noise())])
    wait_for(lambda: offset_at_server(clerk, url()) >= PIECE_BYTES, "a piece")
    line.cut()
    expect(sending(clerk)).to_contain_text("Mất kết nối. Phần đã gửi vẫn còn")
    shot(clerk, "60-line-is-cut")
    line.go_at(0)
    line.mend()
    clerk.evaluate("dispatchEvent(new Event('online'))")
    arrived(clerk)
    assert offsets[0] == "0"
    assert int(offsets[1]) > 0
    assert len(offsets) <= 4


def test_what_is_chosen_before_the_script_comes_is_sent(house, visit):
    """Over a slow line the page stands there before its script does."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    held = []

    def hold(route):
        held.append(route)

    clerk.route(UPLOAD_SCRIPT, hold)
    clerk.reload(wait_until="commit")
    file = page_of(1)
    clerk.locator("#files").set_input_files(
        {"name": file.name, "mimeType": file.kind, "buffer": file.content}
    )
    held[0].continue_()
    arrived(clerk)


def test_a_reload_goes_on_with_the_same_file(house, visit, line, shot):
    """The page says how much is here; the same file goes on there and at its old place,
    and another one of that name does not.
    """
    clerk = clerk_of(house, visit, line)
    line.go_at(SLOW)
    clerk.on("dialog", lambda dialog: dialog.accept())
    file = {"name": "trang 1.jpg", "mimeType": "image/jpeg", "buffer": noise()}
    folder = Path(os.environ.get("TMPDIR", "/tmp"))
    kept = folder / f"{os.getpid()}-trang 1.jpg"
    kept.write_bytes(file["buffer"])
    with begun_upload(clerk) as url:
        clerk.locator("#files").set_input_files(kept)
    wait_for(lambda: offset_at_server(clerk, url()) >= PIECE_BYTES, "a piece")
    clerk.reload()
    waits = clerk.locator("#unfinished > li")
    expect(waits).to_contain_text(re.compile(r"\d+ % có ở đây"))
    shot(clerk, "61-unfinished-after-reload")
    line.go_at(0)
    offsets = patched(clerk)
    drop(clerk, [page_of(2)])
    arrived(clerk)
    expect(waits).to_have_count(1)
    clerk.locator("#files").set_input_files(kept)
    arrived(clerk, 2)
    expect(clerk.locator("#unfinished-box")).to_be_hidden()
    kept.unlink()
    assert int(offsets[0]) > 0
    names = clerk.locator("#live-files .name").all_inner_texts()
    assert names == [kept.name, "trang 2.jpg"]


def test_a_session_that_ends_loses_no_byte(house, visit, line, shot):
    """The upload waits, a dialog asks for the password over the page, and then all goes
    on by itself; a wrong password says so.
    """
    clerk = clerk_of(house, visit, line)
    offsets = patched(clerk)
    assert len(noise()) > REQUEST_BYTES
    line.go_at(FAST)
    drop(clerk, [Dropped("lon.jpg", "image/jpeg", noise()), page_of(2), page_of(3)])
    beyond(clerk, 20)
    clerk.context.clear_cookies()
    dialog = clerk.locator("#sign-in-again")
    # The end of the session is heard with the next request.
    expect(dialog).to_be_visible(timeout=CHECKED_MS)
    expect(sending(clerk).first).to_contain_text(
        "Phần đã gửi vẫn còn", timeout=CHECKED_MS
    )
    shot(clerk, "62-sign-in-over-the-page")
    expect(dialog.locator("[name=password]")).to_be_focused()
    clerk.keyboard.type("sai mat khau")
    clerk.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_be_visible()
    clerk.keyboard.type(house.people["clerk"].password)
    clerk.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    line.go_at(0)
    arrived(clerk, 3)
    assert offsets.count("0") <= 1
    assert str(REQUEST_BYTES) in offsets


def test_a_killed_service_goes_on_where_it_was(house, visit, line):
    """kill -9 of intake in the middle; its supervisor starts it again, and nobody has
    to do anything.
    """
    clerk = clerk_of(house, visit, line)
    offsets = patched(clerk)
    line.go_at(SLOW)
    with begun_upload(clerk) as url:
        drop(clerk, [Dropped("dang gui.jpg", "image/jpeg", noise())])
    wait_for(lambda: offset_at_server(clerk, url()) >= 2 * PIECE_BYTES, "two pieces")
    os.kill(intake_of(house.process), signal.SIGKILL)
    line.go_at(0)
    arrived(clerk)
    expect(sending(clerk)).to_have_count(0)
    assert int(offsets[1]) >= 2 * PIECE_BYTES


def intake_of(supervisor):
    """The process of the desk, of all children of the house."""
    tasks = Path(f"/proc/{supervisor}/task")
    children = [
        int(pid)
        for task in tasks.iterdir()
        for pid in (task / "children").read_text().split()
    ]
    (found,) = [
        pid
        for pid in children
        if b"\0intake\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return found


def test_pause_continue_cancel_by_keys_alone(house, visit, line, shot):
    """Each has a button that the keyboard reaches; a paused file goes on, a cancelled
    one leaves nothing on the server.
    """
    clerk = clerk_of(house, visit, line)
    line.go_at(SLOW)
    drop(clerk, [Dropped("dung lai.jpg", "image/jpeg", noise())])
    beyond(clerk, 8)
    row = sending(clerk)
    row.get_by_role("button", name="Tạm dừng dung lai.jpg").focus()
    clerk.keyboard.press("Enter")
    go = row.get_by_role("button", name="Tiếp tục dung lai.jpg")
    expect(go).to_be_focused()
    expect(row).to_contain_text("Tạm dừng. Phần đã gửi vẫn còn")
    shot(clerk, "63-paused")
    clerk.keyboard.press("Enter")
    beyond(clerk, 12)
    ended = []
    clerk.on("response", lambda r: ended.append((r.request.method, r.status)))
    row.get_by_role("button", name="Hủy dung lai.jpg").focus()
    with clerk.expect_response(lambda r: r.request.method == "DELETE"):
        clerk.keyboard.press("Enter")
    assert ("DELETE", 204) in ended
    expect(row.get_by_role("button", name="Gửi lại dung lai.jpg")).to_be_focused()
    clerk.on("dialog", lambda dialog: dialog.accept())
    clerk.reload()
    expect(clerk.locator("#unfinished-box")).to_be_hidden()
    expect(clerk.locator("#live-files .files li")).to_have_count(0)


def test_a_whole_folder_in_the_order_of_its_names(house, visit, line, tmp_path, shot):
    """Chosen, with a folder in it: 1, 2, 10 in each; what systems leave there is not
    sent. Dropped and pasted files come after them.
    """
    clerk = clerk_of(house, visit, line)
    folder = tmp_path / "hồ sơ"
    (folder / "b").mkdir(parents=True)
    for number in (10, 2, 1):
        (folder / f"trang {number}.jpg").write_bytes(page_of(number).content)
    (folder / "b" / "bìa.jpg").write_bytes(page_of(4).content)
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    clerk.locator("#folder").set_input_files(folder)
    arrived(clerk, 4)
    paste(clerk, page_of(5))
    arrived(clerk, 5)
    shot(clerk, "64-folder-and-paste")
    assert clerk.locator("#live-files .name").all_inner_texts() == [
        "bìa.jpg",
        "trang 1.jpg",
        "trang 2.jpg",
        "trang 10.jpg",
        "trang 5.jpg",
    ]


def paste(page, file):
    page.evaluate(
        """([name, kind, content]) => {
          const clipboardData = new DataTransfer();
          const file = new File([new Uint8Array(content)], name, { type: kind });
          clipboardData.items.add(file);
          dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }""",
        [file.name, file.kind, list(file.content)],
    )


def test_a_folder_that_is_dropped_is_opened(house, visit, line, tmp_path):
    """By a hand, from the desktop: every file in it, in order."""
    clerk = clerk_of(house, visit, line)
    folder = tmp_path / "quét"
    folder.mkdir()
    for number in (3, 1, 2):
        (folder / f"{number}.jpg").write_bytes(page_of(number).content)
    hand = clerk.context.new_cdp_session(clerk)
    box = clerk.locator("#upload").bounding_box()
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        at = {"x": box["x"] + 20, "y": box["y"] + 20, "data": data}
        hand.send("Input.dispatchDragEvent", {"type": kind, **at})
    arrived(clerk, 3)
    names = clerk.locator("#live-files .name").all_inner_texts()
    assert names == ["1.jpg", "2.jpg", "3.jpg"]


def test_one_bad_file_does_not_hold_up_the_others(house, visit, line, shot):
    """Each is judged by itself, in a sentence of its own."""
    clerk = clerk_of(house, visit, line)
    drop(
        clerk,
        [
            page_of(1),
            Dropped("thư.docx", "application/x", b"PK\x03\x04 no scan"),
            Dropped("trống.pdf", "application/pdf", b""),
            page_of(2),
        ],
    )
    arrived(clerk, 2)
    bad = clerk.locator("#live-files .is-bad")
    expect(bad).to_have_count(2, timeout=CHECKED_MS)
    for name in ("thư.docx", "trống.pdf"):
        expect(bad.filter(has_text=name)).to_contain_text("Tệp")
    shot(clerk, "65-bad-beside-good")
