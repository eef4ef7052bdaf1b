"""Four inks as RGB, without a profile: DeviceCMYK (ISO 32000-1, 8.6.4.4).

ISO leaves the conversion open. The corners of the cube of inks are those of xpdf and
poppler (``GfxDeviceCMYKColorSpace``), between them it is linear, but for black ink
alone: it stays neutral, where poppler has (35, 31, 32) and pdfium turns it reddish.
"""

from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageChops

if TYPE_CHECKING:
    import numpy as np

_CORNERS: Final = (
    # cyan, magenta, yellow, black → red, green, blue; 0 to 1
    ((0, 0, 0, 0), (1.0, 1.0, 1.0)),
    ((0, 0, 0, 1), (0.1255, 0.1255, 0.1255)),
    ((0, 0, 1, 0), (1.0, 0.9490, 0.0)),
    ((0, 0, 1, 1), (0.1098, 0.1020, 0.0)),
    ((0, 1, 0, 0), (0.9255, 0.0, 0.5490)),
    ((0, 1, 0, 1), (0.1412, 0.0, 0.0)),
    ((0, 1, 1, 0), (0.9294, 0.1098, 0.1412)),
    ((0, 1, 1, 1), (0.1333, 0.0, 0.0)),
    ((1, 0, 0, 0), (0.0, 0.6784, 0.9373)),
    ((1, 0, 0, 1), (0.0, 0.0588, 0.1412)),
    ((1, 0, 1, 0), (0.0, 0.6510, 0.3137)),
    ((1, 0, 1, 1), (0.0, 0.0745, 0.0)),
    ((1, 1, 0, 0), (0.1804, 0.1922, 0.5725)),
    ((1, 1, 0, 1), (0.0, 0.0, 0.0078)),
    ((1, 1, 1, 0), (0.2118, 0.2119, 0.2235)),
    ((1, 1, 1, 1), (0.0, 0.0, 0.0)),
)
_ROWS_AT_ONCE: Final = 64
"""A page at once would take a hundred bytes a pixel."""


def to_rgb(image: Image.Image) -> Image.Image:
    """A picture in mode CMYK, 255 being full ink."""
    out = Image.new("RGB", image.size)
    for top in range(0, image.height, _ROWS_AT_ONCE):
        low = min(image.height, top + _ROWS_AT_ONCE)
        out.paste(_mixed(image.crop((0, top, image.width, low))), (0, top))
    return out


def turned(image: Image.Image) -> Image.Image:
    """The same with 0 as full ink."""
    return ImageChops.invert(image)


def _mixed(image: Image.Image) -> Image.Image:
    import numpy as np  # noqa: PLC0415 - slow to load, and few scans have four inks

    inks = np.asarray(image).reshape(-1, 4).T * np.float32(1 / 255)
    # Whole products lie one behind the other: pixel by pixel, side by side, the same
    # sums took ten times as long.
    shares = np.array(_coefficients(), np.float32).T @ _products(inks)
    pixels = (shares * 255 + 0.5).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels.T.reshape(image.height, image.width, 3))


def _products(inks: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """[corner, pixel]: the product of each subset of inks, in the corners' order, each
    made of the one that lacks its first ink.
    """
    import numpy as np  # noqa: PLC0415

    found = np.ones((len(_CORNERS), inks.shape[1]), np.float32)
    for number, (corner, _) in enumerate(_CORNERS[1:], 1):
        first = corner.index(1)
        fewer = number - (8 >> first)
        np.multiply(found[fewer], inks[first], out=found[number])
    return found


def _coefficients() -> list[list[float]]:
    """What is linear in each ink is a sum over the products of inks: each corner less
    all that the corners of fewer inks have given already.
    """
    found: list[list[float]] = []
    for corner, shade in _CORNERS:
        below = [
            found[n]
            for n, (other, _) in enumerate(_CORNERS[: len(found)])
            if all(a <= b for a, b in zip(other, corner, strict=True))
        ]
        found.append(
            [value - sum(each[c] for each in below) for c, value in enumerate(shade)]
        )
    return found
