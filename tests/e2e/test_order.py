"""Many files of very different sizes over a slow line: the clerk's order stands."""

import io

from PIL import Image
from playwright.sync_api import expect

from corpus import sample_scan
from support.desk_browser import CHECKED_MS, Dropped, drop, new_case, sign_in

SLOW = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 4_000_000,
    "uploadThroughput": 400_000,
}
"""Bytes a second: the largest file takes some seconds, the smallest none."""
QUALITY = {1: 95, 2: 10, 3: 60, 4: 5, 5: 90, 6: 8, 7: 40, 10: 3}
"""Page → of its JPEG: the first is the largest, the last the smallest."""


def sheets():
    """Eight pages, each of its own look, named as people name them."""
    files = []
    for page, quality in QUALITY.items():
        sheet = sample_scan.sheet(1 + page % 3).resize((1240, 1754))
        sheet.paste((10 * page, 90, 90), (100, 100, 400, 400))
        if quality > 50:
            grain = Image.effect_noise((1000, 1200), 80).convert("RGB")
            sheet.paste(grain, (120, 450))
        content = io.BytesIO()
        sheet.save(content, "JPEG", quality=quality, dpi=(150, 150))
        files.append(Dropped(f"Trang {page}.jpg", "image/jpeg", content.getvalue()))
    return files


def test_eight_files_over_a_slow_line_keep_their_order(house, visit, shot):
    """Dropped as a folder lists them (10 before 2), and one more drop at once."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    line = clerk.context.new_cdp_session(clerk)
    line.send("Network.emulateNetworkConditions", SLOW)
    files = sheets()
    assert len(files[0].content) > 10 * len(files[-1].content)
    drop(clerk, sorted(files[:7], key=lambda file: file.name, reverse=True))
    drop(clerk, files[7:])
    expect(clerk.locator(".files .is-done")).to_have_count(8, timeout=CHECKED_MS)
    expect(clerk.locator("#live-pages figure")).to_have_count(8, timeout=CHECKED_MS)
    names = [f"Trang {page}.jpg" for page in QUALITY]
    shown = clerk.locator("#live-pages figcaption").all_inner_texts()
    assert [text.rsplit("từ ", 1)[1].strip() for text in shown] == names
    assert clerk.locator("#live-files .name").all_inner_texts() == names
    shot(clerk, "31-eight-files-in-order")
