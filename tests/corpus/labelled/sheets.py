"""Every kind of paper that a ward's desk copies, upright and clean.

Each maker takes a template's chance and a content's chance: two sheets of one template
and other content are the same form filled in by two people. Start at ``KINDS``.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from corpus.labelled import pens, words
from corpus.labelled.pens import BLACK, px
from corpus.labelled.words import font

A4: Final = (210, 297)
A5: Final = (148, 210)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A clean sheet of paper at ``words.DPI``, as its reader holds it."""

    kind: str
    image: Image.Image
    directed: bool = True
    """Whether it shows which way up it is, by text."""
    blank: bool = False


_TITLES: Final = (
    *("GIẤY KHAI SINH", "BẢN CAM KẾT", "TRÍCH LỤC BẢN ĐỒ", "GIẤY ỦY QUYỀN"),
    *("QUYẾT ĐỊNH", "BIÊN BẢN HỌP", "HỢP ĐỒNG THUÊ NHÀ", "ĐƠN ĐỀ NGHỊ"),
)
Maker = Callable[[random.Random, random.Random], Sheet]


def _paper(size: tuple[int, int] = A4) -> Image.Image:
    return Image.new("RGB", (px(size[0]), px(size[1])), "white")


def _lines(text: str, face: words.ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if face.getlength(longer) > width and line:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _block(
    page: Image.Image,
    box: tuple[int, int, int],
    text: str,
    face: words.ImageFont.FreeTypeFont,
    leading: float = 1.4,
) -> int:
    """A paragraph at ``box`` (x, y, width); where the next may begin."""
    x, y, width = box
    draw = ImageDraw.Draw(page)
    for line in _lines(text, face, width):
        if y + face.size * 1.5 > page.height - px(9):
            return page.height
        draw.text((x, y), line, BLACK, font=face)
        y += round(face.size * leading)
    return y


def _head(page: Image.Image, family: tuple[str, str, str], y: int) -> int:
    draw, middle = ImageDraw.Draw(page), page.width // 2
    for text, points in (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13),
        ("Độc lập – Tự do – Hạnh phúc", 13),
    ):
        draw.text((middle, y), text, BLACK, font=font(family[1], points), anchor="ma")
        y += px(6.5)
    draw.line((middle - px(22), y + 4, middle + px(22), y + 4), fill=BLACK, width=2)
    return y + px(8)


def _title(chance: random.Random) -> str:
    return chance.choice(_TITLES)


def letter(shape: random.Random, content: random.Random) -> Sheet:
    """Running text, as most pages are; the first with heading, the last with seal."""
    page, family = _paper(), shape.choice(words.families())
    margin, points = px(shape.uniform(18, 30)), shape.choice((10, 11, 12, 13, 14))
    y = px(shape.uniform(15, 25))
    if shape.random() < 0.4:
        y = _head(page, family, y)
    body, width = font(family[0], points), page.width - margin - px(18)
    for _ in range(content.randrange(2, 9)):
        text = words.sentence(content, content.randrange(20, 90))
        y = _block(page, (margin, y, width), text, body, shape.choice((1.25, 1.4, 1.6)))
        y += px(2)
    if y < page.height - px(60) and shape.random() < 0.6:
        _signed(page, y, family, content)
    return Sheet("letter", page)


def _signed(
    page: Image.Image, y: int, family: tuple[str, str, str], content: random.Random
) -> None:
    middle, draw = round(page.width * 0.72), ImageDraw.Draw(page)
    draw.text((middle, y), "CHỦ TỊCH", BLACK, font=font(family[1], 12), anchor="ma")
    pens.seal(page, (middle - px(14), y + px(24)), content)
    pens.signature(page, (middle - px(14), y + px(22)), content)
    name = words.person(content)
    draw.text((middle, y + px(40)), name, BLACK, font=font(family[1], 12), anchor="ma")


def form(shape: random.Random, content: random.Random) -> Sheet:
    """Labels and dotted or ruled lines, filled in by hand or by machine."""
    return _form(shape, content, filled=True)


def empty_form(shape: random.Random, content: random.Random) -> Sheet:
    return _form(shape, content, filled=False)


def _form(shape: random.Random, content: random.Random, *, filled: bool) -> Sheet:
    page, family = _paper(), shape.choice(words.families())
    y = _head(page, family, px(16))
    draw, middle = ImageDraw.Draw(page), page.width // 2
    draw.text((middle, y), _title(shape), BLACK, font=font(family[1], 17), anchor="ma")
    y, body = y + px(14), font(family[0], shape.choice((11, 12, 13)))
    dotted, by_hand = shape.random() < 0.6, shape.random() < 0.7
    for _ in range(shape.randrange(9, 17)):
        label = words.sentence(shape, shape.randrange(3, 7)).rstrip(",;.") + ":"
        draw.text((px(22), y), label, BLACK, font=body)
        x, base = px(22) + round(body.getlength(label)) + px(2), y + round(body.size)
        _leader(draw, (x, base, page.width - px(18)), body, dotted=dotted)
        if filled:
            _value(page, (x, base, page.width - px(18) - x), body, content, by_hand)
        y += px(shape.choice((9, 9, 11)))
    if filled and y < page.height - px(55):
        _signed(page, y, family, content)
    return Sheet("form" if filled else "empty-form", page)


def _leader(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int],
    face: words.ImageFont.FreeTypeFont,
    *,
    dotted: bool,
) -> None:
    x, base, end = box
    if dotted:
        dots = "." * int((end - x) / face.getlength("."))
        draw.text((x, base), dots, BLACK, font=face, anchor="ls")
    else:
        draw.line((x, base + 3, end, base + 3), fill=BLACK, width=1)


def _value(
    page: Image.Image,
    box: tuple[int, int, int],
    face: words.ImageFont.FreeTypeFont,
    content: random.Random,
    by_hand: bool,
) -> None:
    x, base, width = box
    if by_hand:
        wide = round(width * content.uniform(0.4, 0.95))
        pens.handwriting(page, (x + px(2), base - 2, wide), content)
        return
    most = max(1, width // px(14))
    makers = (words.person, words.date, lambda c: words.sentence(c, min(7, most)))
    text = content.choice(makers)(content)
    ImageDraw.Draw(page).text((x + px(2), base - 3), text, BLACK, face, anchor="ls")


def table(shape: random.Random, content: random.Random) -> Sheet:
    return _table(shape, content, A4, "table")


def landscape_table(shape: random.Random, content: random.Random) -> Sheet:
    return _table(shape, content, (297, 210), "landscape-table")


def _table(
    shape: random.Random, content: random.Random, size: tuple[int, int], kind: str
) -> Sheet:
    """A heading, and rows of names, words and figures between rules."""
    page, family = _paper(size), shape.choice(words.families())
    draw, middle = ImageDraw.Draw(page), page.width // 2
    y, body = px(15), font(family[0], shape.choice((9, 10, 11)))
    heading = font(family[1], 13)
    draw.text((middle, y), _title(shape), BLACK, font=heading, anchor="ma")
    y += px(9)
    y = _block(
        page, (px(18), y, page.width - px(36)), words.sentence(content, 22), body
    )
    columns = shape.randrange(4, 8)
    edges = [px(16) + n * (page.width - px(32)) // columns for n in range(columns + 1)]
    high, top = round(body.size * shape.uniform(1.6, 2.3)), y + px(3)
    rows = min(shape.randrange(8, 26), (page.height - top - px(18)) // high)
    kinds = [shape.choice((words.person, words.figures, _phrase)) for _ in edges[1:]]
    for row in range(rows + 1):
        draw.line((edges[0], top + row * high, edges[-1], top + row * high), BLACK, 2)
    for x in edges:
        draw.line((x, top, x, top + rows * high), BLACK, 2)
    for row in range(rows):
        for column, make in enumerate(kinds):
            maker = _phrase if row == 0 else make
            text = _fitted(maker(content), body, edges[1] - edges[0] - px(3))
            draw.text(
                (edges[column] + px(1.5), top + row * high + 3), text, BLACK, body
            )
    return Sheet(kind, page)


def _phrase(chance: random.Random) -> str:
    return words.sentence(chance, 3)


def _fitted(text: str, face: words.ImageFont.FreeTypeFont, width: int) -> str:
    while text and face.getlength(text) > width:
        text = text[:-1]
    return text


def title_page(shape: random.Random, content: random.Random) -> Sheet:
    """A cover or a certificate: a border and a few lines of large text."""
    page, family = _paper(), shape.choice(words.families())
    draw, middle = ImageDraw.Draw(page), page.width // 2
    if shape.random() < 0.6:
        for inset, width in ((7, 5), (9, 2)):
            far = (page.width - px(inset), page.height - px(inset))
            draw.rectangle((px(inset), px(inset), *far), outline=BLACK, width=width)
    y = _head(page, family, px(shape.uniform(25, 60)))
    title = font(family[1], shape.choice((22, 26, 30)))
    draw.text((middle, y + px(25)), _title(content), BLACK, font=title, anchor="ma")
    y += px(50)
    for _ in range(content.randrange(1, 5)):
        text = words.sentence(content, content.randrange(4, 8))
        draw.text((middle, y), text, BLACK, font=font(family[0], 14), anchor="ma")
        y += px(10)
    if shape.random() < 0.5:
        pens.seal(page, (round(page.width * 0.7), y + px(25)), content)
    return Sheet("title", page)


def cards(shape: random.Random, content: random.Random) -> Sheet:
    """Both sides of an identity card on an otherwise empty sheet."""
    page, family = _paper(), words.families()[1]
    x = px(shape.uniform(30, 90))
    page.paste(_card_front(family, content), (x, px(shape.uniform(30, 60))))
    page.paste(_card_back(family, content), (x, px(shape.uniform(125, 160))))
    return Sheet("cards", page)


def _card_front(family: tuple[str, str, str], content: random.Random) -> Image.Image:
    card = Image.new("RGB", (px(85.6), px(54)), (226, 238, 232))
    draw = ImageDraw.Draw(card)
    for n in range(0, card.width, 9):  # the fine lines that such cards are printed on
        draw.line((n, 0, n + 60, card.height), fill=(208, 226, 220), width=1)
    draw.text(
        (card.width // 2, 14),
        "CĂN CƯỚC CÔNG DÂN",
        (150, 30, 30),
        font=font(family[1], 10),
        anchor="ma",
    )
    card.paste(pens.photograph((px(22), px(29)), content), (px(3), px(20)))
    small, y = font(family[0], 7.5), px(15)
    labels = ("Số", "Họ và tên", "Ngày sinh", "Quê quán", "Nơi thường trú")
    for label, make in zip(labels, _CARD_VALUES, strict=True):
        draw.text((px(28), y), f"{label}: {make(content)}", BLACK, font=small)
        y += px(6.5)
    return card


_CARD_VALUES: Final = (
    lambda c: f"{c.randrange(10**11, 10**12)}",
    words.person,
    words.date,
    lambda c: words.sentence(c, 4),
    lambda c: words.sentence(c, 5),
)


def _card_back(family: tuple[str, str, str], content: random.Random) -> Image.Image:
    card = Image.new("RGB", (px(85.6), px(54)), (228, 234, 240))
    draw, small = ImageDraw.Draw(card), font(family[0], 7.5)
    for n in range(3):
        text = words.sentence(content, 6)
        draw.text((px(5), px(4 + 6 * n)), text, BLACK, font=small)
    draw.text((px(5), px(26)), f"Ngày cấp {words.date(content)}", BLACK, font=small)
    face = font("LiberationSans-Bold", 10)
    for n in range(3):
        code = "".join(content.choice("ABCDEFGHKVN0123456789<<<") for _ in range(26))
        draw.text((px(4), px(36 + 5 * n)), code, BLACK, font=face)
    return card


def handwritten(shape: random.Random, content: random.Random) -> Sheet:
    """An application written by hand, on plain or ruled paper."""
    page = _paper()
    draw, y = ImageDraw.Draw(page), px(24)
    ruled, step = shape.random() < 0.4, px(shape.choice((9, 10)))
    for _ in range(content.randrange(8, 24)):
        if ruled:
            draw.line((px(12), y + 2, page.width - px(12), y + 2), (170, 190, 225), 1)
        wide = page.width - px(44) - px(content.choice((0, 3, 8, 60)))
        pens.handwriting(page, (px(24), y, wide), content)
        y += step
    return Sheet("handwritten", page)


def picture_page(shape: random.Random, content: random.Random) -> Sheet:
    """A photograph with a caption of some lines under it."""
    page, family = _paper(), shape.choice(words.families())
    wide, high = px(shape.uniform(90, 150)), px(shape.uniform(80, 130))
    at = ((page.width - wide) // 2, px(shape.uniform(25, 50)))
    page.paste(pens.photograph((wide, high), content), at)
    text, y = words.sentence(content, 45), at[1] + high + px(8)
    _block(page, (px(25), y, page.width - px(50)), text, font(family[0], 12))
    return Sheet("picture", page)


def seals_only(shape: random.Random, content: random.Random) -> Sheet:
    """The last page of a contract: seals and signatures, hardly a word."""
    page = _paper()
    for _ in range(shape.randrange(1, 4)):
        x, y = px(shape.uniform(40, 170)), px(shape.uniform(40, 240))
        pens.seal(page, (x, y), content)
        pens.signature(page, (x, y), content)
    return Sheet("seals", page, directed=False)


def bare(_shape: random.Random, content: random.Random) -> Sheet:
    page = _paper()
    pens.dust(page, content, content.choice((0, 10, 30, 60)))
    return Sheet("bare", page, directed=False, blank=True)


def back(shape: random.Random, content: random.Random) -> Sheet:
    """The empty back of a printed sheet: its front shows through, mirrored, spread by
    the paper, at 5 to 12 levels of 255.
    """
    front = content.choice((letter, table, form))(shape, content).image
    ghost = ImageOps.mirror(front.convert("L"))
    ghost = ghost.filter(ImageFilter.GaussianBlur(px(content.uniform(0.4, 0.7))))
    faint = content.uniform(5, 12) / 255
    ghost = ghost.point(lambda v: round(255 - (255 - v) * faint))
    page = ghost.convert("RGB")
    pens.dust(page, content, 15)
    return Sheet("back", page, directed=False, blank=True)


KINDS: Final[tuple[tuple[Maker, int], ...]] = (
    (letter, 26),
    (form, 14),
    (empty_form, 7),
    (table, 9),
    (landscape_table, 7),
    (title_page, 8),
    (cards, 7),
    (handwritten, 6),
    (picture_page, 6),
    (seals_only, 4),
    (bare, 8),
    (back, 6),
)
"""How many in about a hundred pages are of each kind."""


def kind(chance: random.Random) -> Maker:
    makers, weights = zip(*KINDS, strict=True)
    return chance.choices(makers, weights)[0]
