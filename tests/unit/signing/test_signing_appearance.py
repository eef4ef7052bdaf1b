import pypdfium2
import pytest
from PIL import Image

from signing.adapters.composing.appearances import (
    AppearanceFacts,
    UnusableAppearanceError,
    render,
)

OFFICER = AppearanceFacts(
    "officer", "pqv", ("Phạm Quốc Vĩnh",), ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
)
SEAL = AppearanceFacts("seal", "H99.42.05.13", ("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"))


@pytest.mark.parametrize("look", [OFFICER, SEAL])
def test_the_same_inputs_give_the_same_pin(look):
    assert render(look).digest() == render(look).digest()


def test_every_input_that_is_shown_changes_the_pin(tmp_path):
    """Name, title, agency lines, code and image are in what is pinned."""
    image = tmp_path / "signature.png"
    Image.new("RGB", (200, 80), "white").save(image)
    looks = [
        OFFICER,
        SEAL,
        AppearanceFacts("officer", "pqv", ("Phạm Quốc Vinh",), OFFICER.title_lines),
        AppearanceFacts("officer", "pqv", OFFICER.name_lines, ("CHỦ TỊCH",)),
        AppearanceFacts(
            "officer", "pqv", OFFICER.name_lines, OFFICER.title_lines, image
        ),
        AppearanceFacts("seal", "H99.42.05.14", SEAL.name_lines),
        AppearanceFacts("seal", SEAL.id, ("PHƯỜNG HOA BAN",)),
    ]
    assert len({render(look).digest() for look in looks}) == len(looks)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_transparent_image_is_flattened_on_white(tmp_path, mode):
    """No soft mask in a copy; what was half clear is half white (a palette knows clear
    and not clear only)."""
    image = tmp_path / "seal.png"
    stamp = Image.new("RGBA", (80, 80), (200, 0, 0, 0))
    stamp.paste((200, 0, 0, 128), (20, 20, 60, 60))
    options = {"transparency": 0} if mode == "P" else {}
    stamp.convert(mode).save(image, dpi=(100, 100), **options)
    group = render(AppearanceFacts("seal", SEAL.id, SEAL.name_lines, (), image))
    assert not any(b"/SMask" in body for body in group.numbered(1))
    shown = look_of(group)
    assert shown.getpixel((300, 20)) == (255, 255, 255)
    half = {"RGBA": (227, 127, 127), "LA": (157,) * 3, "P": (200, 0, 0)}[mode]
    middle = shown.getpixel((shown.width // 2, 58 * SCALE))
    assert middle == pytest.approx(half, abs=4)


def test_an_image_is_shown_at_its_true_size(tmp_path):
    """A round seal of 36 mm by its dpi is 36 mm wide on the page."""
    image = tmp_path / "seal.png"
    side = round(36 / 25.4 * 300)
    Image.new("RGB", (side, side), (170, 20, 20)).save(image, dpi=(300, 300))
    shown = look_of(
        render(AppearanceFacts("seal", SEAL.id, SEAL.name_lines, (), image))
    )
    row = [shown.getpixel((x, 200)) for x in range(shown.width)]
    red = sum(pixel[0] > 140 and pixel[1] < 60 for pixel in row)
    assert red / SCALE / 72 * 25.4 == pytest.approx(36, abs=0.2)


def test_a_picture_in_printing_colours_is_shown_in_ours(tmp_path):
    """A CMYK JPEG has no profile that a copy could carry: it becomes RGB."""
    image = tmp_path / "seal.jpg"
    Image.new("CMYK", (300, 300), (0, 255, 255, 60)).save(image, dpi=(300, 300))
    shown = look_of(
        render(AppearanceFacts("seal", SEAL.id, SEAL.name_lines, (), image))
    )
    assert any(
        red > 120 and green < 60 for _, (red, green, _) in shown.getcolors(1 << 20)
    )


def test_an_image_larger_than_its_room_is_refused(tmp_path):
    """Shrinking would belie its size: a person says so by its dpi."""
    image = tmp_path / "seal.png"
    Image.new("RGB", (800, 800), "red").save(image, dpi=(300, 300))
    with pytest.raises(UnusableAppearanceError, match="68 × 68 mm"):
        render(AppearanceFacts("seal", SEAL.id, SEAL.name_lines, (), image))


def test_what_is_no_image_is_refused(tmp_path):
    image = tmp_path / "seal.png"
    image.write_bytes(b"GIF89a")
    with pytest.raises(UnusableAppearanceError, match="not-an-image"):
        render(AppearanceFacts("seal", SEAL.id, SEAL.name_lines, (), image))


SCALE = 4


def look_of(group):
    """The static part as a viewer shows it."""
    with pypdfium2.PdfDocument(shown_alone(group)) as pdf:
        return pdf[0].render(scale=SCALE).to_pil().convert("RGB")


def words_of(group):
    """Each letter that is shown, and its box."""
    with pypdfium2.PdfDocument(shown_alone(group)) as pdf:
        page = pdf[0].get_textpage()
        return [
            (page.get_text_range(k, 1), page.get_charbox(k))
            for k in range(page.count_chars())
            if page.get_text_range(k, 1).strip()
        ]


def shown_alone(group):
    bodies = group.numbered(4)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 220 170]/Resources 4 0 R/Contents "
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        page + b"%d 0 R>>" % (4 + len(bodies)),
        *bodies,
        b"<</Length 5>>\nstream\n/S Do\nendstream",
    ]
    out = b"%PDF-1.7\n" + b"".join(
        b"%d 0 obj\n%b\nendobj\n" % numbered for numbered in enumerate(objects, 1)
    )
    return out + b"trailer<</Root 1 0 R>>\n%%EOF"


CENTRE = (110.0, 112.0)
"""Of the seal, in the appearance's own points."""


def test_a_seal_has_its_words_on_the_ring():
    """The record's first line over the middle, the others under it, letter by letter:
    no word is broken, and each letter lies between the two circles."""
    letters = words_of(render(SEAL))
    assert "".join(letter for letter, _ in letters).startswith(
        "ỦYBANNHÂNDÂNPHƯỜNGHOABANDẤUSỐH99.42.05.13"
    )
    for at, (_, (left, low, right, high)) in enumerate(letters[:24]):
        across, up = (left + right) / 2 - CENTRE[0], (low + high) / 2 - CENTRE[1]
        assert 29.5 < (across**2 + up**2) ** 0.5 < 48
        assert (up > 0) == (at < 12)
    upper, lower = (
        [box[0] for _, box in part] for part in (letters[:12], letters[12:])
    )
    assert upper == sorted(upper)
    assert lower[:12] == sorted(lower[:12])


@pytest.mark.parametrize("lines", [("PHƯỜNG HOA BAN",), ("UBND", "X", "Y", "Z")])
def test_a_seal_of_any_number_of_lines_is_drawn(lines):
    text = "".join(
        letter for letter, _ in words_of(render(AppearanceFacts("seal", "H1", lines)))
    )
    assert text.startswith("".join(lines).replace(" ", ""))


def test_long_names_are_set_smaller_and_still_shown():
    """Sixty letters of a name, four lines of an agency."""
    officer = "Tôn Nữ Hoàng Phương Thảo Nguyên Công Tằng Tôn Nữ Thị Bích Ngọc"
    lines = ("ỦY BAN NHÂN DÂN", "TỈNH HOA BAN", "TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG")
    for look in (
        AppearanceFacts("officer", "pqv", (officer,), ("PHÓ GIÁM ĐỐC",)),
        AppearanceFacts("seal", SEAL.id, lines),
    ):
        assert render(look).bodies


def test_a_name_that_does_not_fit_is_refused():
    with pytest.raises(UnusableAppearanceError, match=r"words-too-long.*pqv"):
        render(
            AppearanceFacts("officer", "pqv", ("Phạm Quốc Vĩnh " * 20,), ("CHỦ TỊCH",))
        )
