"""Picture files that are neither PDF, JPEG nor PNG: one of each kind of reader."""

import io
from collections.abc import Callable
from functools import partial

from PIL import Image

from corpus import heif, tiffs
from corpus.tiffs import sheet


def written(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """The sheet, or another picture, by Pillow."""
    out = io.BytesIO()
    (image or sheet()).save(out, kind, **options)
    return out.getvalue()


def noise() -> Image.Image:
    """What a sensor adds; without loss it would be many times as large as coded."""
    grain = Image.effect_noise((1000, 1000), 60).convert("RGB")
    return Image.blend(grain, Image.new("RGB", grain.size, (200, 120, 60)), 0.5)


PICTURES: dict[str, Callable[[], bytes]] = {
    "book.tif": tiffs.book,
    "every.tif": tiffs.every,
    "page.webp": partial(written, "WEBP", lossless=True),
    "photograph.webp": lambda: written("WEBP", noise(), quality=30),
    "page.bmp": partial(written, "BMP"),
    "page.heic": heif.grid,
}
"""Name → maker, of all that must be accepted; HEIC where its decoder is installed."""
