"""What the desk says of photographs of paper: which flag, why, and what to do."""

import io
import random

import pytest
from PIL import Image
from playwright.sync_api import expect

from corpus.labelled import sheets
from corpus.labelled.camera import photographed
from support.axe import violations
from support.desk_browser import CHECKED_MS, Dropped, drop, new_case, sign_in

UPRIGHT = None
OVER = Image.Transpose.ROTATE_180
LYING = Image.Transpose.ROTATE_90


def photograph(name, *, seed, turn=UPRIGHT, **course):
    """A telephone over a letter on a table."""
    paper = sheets.letter(random.Random(3), random.Random(seed)).image
    held = {"skew": 0.5, "sigma": 0.5, "side": None, "shaken": False} | course
    picture, _, _ = photographed(paper, **held, chance=random.Random(seed))
    shown = picture if turn is None else picture.transpose(turn)
    content = io.BytesIO()
    shown.save(content, "JPEG", quality=85, dpi=(150, 150))
    return Dropped(f"{name}.jpg", "image/jpeg", content.getvalue())


def table_of_pages():
    """One PDF of a sheet that was photographed twice, once from farther and crooked."""
    paper = sheets.letter(random.Random(3), random.Random(6)).image
    taken = [
        photographed(
            paper,
            skew=skew,
            sigma=0.5,
            side=None,
            shaken=False,
            chance=random.Random(seed),
        )[0]
        for seed, skew in ((5, 0.5), (8, 1.2))
    ]
    content = io.BytesIO()
    taken[0].save(
        content, "PDF", save_all=True, append_images=taken[1:], resolution=150
    )
    return Dropped("hai-anh.pdf", "application/pdf", content.getvalue())


@pytest.fixture
def clerk(house, visit):
    page = visit(house.desk, bypass_csp=True)
    sign_in(page, house.people["clerk"])
    new_case(page)
    return page


def flags_of(page, name):
    """Those of the thumbnail of a file that was dropped by itself."""
    drawn = page.locator("#live-pages figure", has_text=name)
    expect(drawn).to_have_count(1, timeout=CHECKED_MS)
    key = drawn.get_attribute("data-key")
    return page.locator(f"#pages > li[data-key='{key}'] .flag-warn")


def test_a_photographs_flags_have_their_reason_and_remedy(clerk, shot):
    drop(
        clerk,
        [
            photograph("mo", seed=5, sigma=3.2),
            photograph("nguoc", seed=6, turn=OVER),
            photograph("ngang", seed=7, turn=LYING),
            photograph("nghieng", seed=8, skew=5),
        ],
    )
    expect(clerk.locator("#pages > li")).to_have_count(4, timeout=CHECKED_MS)
    for name, flag in (
        ("mo", "Bị mờ"),
        ("nguoc", "Ngược đầu"),
        ("ngang", "Nằm ngang"),
        ("nghieng", "Bị nghiêng"),
    ):
        expect(flags_of(clerk, f"{name}.jpg")).to_contain_text([flag])
    said = clerk.locator(".todo")
    expect(said).to_contain_text("Trang 1, 2, 3, 4 dưới 200 dpi")
    for remedy in (
        "Lau mặt kính hoặc giữ chắc máy ảnh rồi quét lại",
        "có vẻ bị ngược đầu. Xoay lại bằng các nút dưới trang",
        "có vẻ nằm ngang. Xoay lại bằng các nút dưới trang",
        "nghiêng quá 2°",
    ):
        expect(said).to_contain_text(remedy)
    assert violations(clerk) == []
    shot(clerk, "91-desk-flags")


def test_a_sheet_photographed_twice_is_told(clerk, shot):
    drop(clerk, [table_of_pages()])
    expect(clerk.locator("#pages > li")).to_have_count(2, timeout=CHECKED_MS)
    again = clerk.locator("#pages > li").nth(1).locator(".flag-warn")
    expect(again).to_contain_text(["Trùng trang"])
    expect(clerk.locator(".todo")).to_contain_text("trông giống một trang đã có")
    shot(clerk, "92-desk-duplicate")
