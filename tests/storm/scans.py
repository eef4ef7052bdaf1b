"""Small scans, each with bytes of its own: a page that a camera could have made."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (850, 1170)
"""A4 at about 100 dpi: it is rebuilt in some hundredths of a second."""
PLAIN = (420, 594)
"""A4 at about 50 dpi, for a crowd of cases: a quarter of the pixels to look at."""
LARGE = (2480, 3508)
"""A4 at 300 dpi."""
LARGE_EVERY = 25
SEVERAL_EVERY = 20
SEVERAL = 3


def scans(seed: int, n: int) -> tuple[bytes, ...]:
    """The pages of paper *n*, JPEGs that no other paper has: mostly one small page,
    now and then a large one, or several.
    """
    if n % LARGE_EVERY == 0:
        return (_scan(f"{seed}/{n}", LARGE),)
    pages = SEVERAL if n % SEVERAL_EVERY == 7 else 1
    return tuple(_scan(f"{seed}/{n}/{page}", SIZE) for page in range(pages))


def plain_scan(seed: int, n: int) -> tuple[bytes, ...]:
    """One page of paper *n* that no other paper has, as cheap as a page can be."""
    return (_scan(f"{seed}/{n}/plain", PLAIN),)


def _scan(name: str, size: tuple[int, int]) -> bytes:
    chance = random.Random(name)
    page = Image.new("L", size, 250)
    draw = ImageDraw.Draw(page)
    draw.text((90, 80), f"VAN BANG SO {name}", fill=20)
    for top in range(140, size[1] - 140, 38)[:24]:
        width = chance.randrange(size[0] // 3, size[0] - 190)
        draw.line([(90, top), (90 + width, top)], 40, 3)
    draw.text((90, size[1] - 80), f"{chance.getrandbits(64):016x}", fill=20)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=70, dpi=(100, 100))
    return out.getvalue()
