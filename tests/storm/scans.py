"""Small scans, each with bytes of its own: a page that a camera could have made."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (850, 1170)
"""A4 at about 100 dpi: it is rebuilt in some hundredths of a second."""


def scan(seed: int, n: int) -> bytes:
    """A JPEG that no other *n* of this seed has."""
    chance = random.Random(f"{seed}/{n}")
    page = Image.new("L", SIZE, 250)
    draw = ImageDraw.Draw(page)
    draw.text((90, 80), f"VAN BANG SO {seed}-{n}", fill=20)
    for line in range(24):
        width = chance.randrange(300, 660)
        draw.line([(90, 140 + line * 38), (90 + width, 140 + line * 38)], 40, 3)
    draw.text((90, 1090), f"{chance.getrandbits(64):016x}", fill=20)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=70, dpi=(100, 100))
    return out.getvalue()
