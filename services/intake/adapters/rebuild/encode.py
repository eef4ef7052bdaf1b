"""Pixels as the smallest lossless stream that a copy can say. Start at ``lossless``.

Group 4 or deflate for one bit, a palette for up to 256 colours, grey for what is grey,
else RGB. Also ``lossy``, for pixels that were computed and not scanned.
"""

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from intake.adapters.rebuild import bilevel, pixels, png
from intake.adapters.rebuild.pages import Stream

if TYPE_CHECKING:
    import numpy as np

QUALITY: Final = 95
SOFT_QUALITY: Final = 85
"""The JPEG quality for pixels that were enlarged at least twice. Their neighbours are
alike: with half the chroma it halves the bytes and shows the same
(docs/decisions/0060)."""
_EXPLODED: Final = 4
_SMALL: Final = 1 << 20
"""A source that was compressed with loss is kept without more loss up to four times its
bytes, or up to a mebibyte whatever it had (docs/decisions/0108)."""
_STRIPES: Final = 16
_COLOURS: Final = 256
_BLACK_AND_WHITE: Final = frozenset({0, 255})
_ROWS_AT_ONCE: Final = 256


def lossless(image: Image.Image) -> Stream:
    """Any image of mode 1, L or RGB (others are made RGB), every pixel kept."""
    image = simplest(image)
    if image.mode == "1":
        return _smaller(_group4(image), png.encode(image))
    with_palette = _with_palette(image)
    coded = png.encode(image if with_palette is None else with_palette)
    # To decode our own stream again would show the same, and cost a fifth of all.
    return replace(coded, shown=pixels.of_image(image))


def lossy(image: Image.Image, *, soft: bool = False) -> Stream:
    """Computed pixels as JPEG, without chroma subsampling unless they are ``soft``.
    Pure black and white stays lossless and small, and so does what is smaller without
    loss.
    """
    image = simplest(image)
    if image.mode == "1":
        return lossless(image)
    coded = _jpeg(image, soft=soft)
    return coded if _with_palette(image) is None else _smaller(lossless(image), coded)


def kept(image: Image.Image, source_bytes: int) -> Stream:
    """Pixels out of a source of ``source_bytes`` that was compressed with loss: without
    more loss, unless that explodes it; then as JPEG of a quality that shows the same.
    """
    image = simplest(image)
    most = max(_SMALL, _EXPLODED * source_bytes)
    if image.mode == "1" or _lossless_bytes(image) <= most:
        exact = lossless(image)
        if len(exact.data) <= most:
            return exact
    return lossy(image)


def _lossless_bytes(image: Image.Image) -> int:
    """About how many bytes it has without loss, from a tenth of its rows in stripes."""
    high = max(1, image.height // (10 * _STRIPES))
    tops = range(0, image.height, max(1, image.height // _STRIPES))
    probe = Image.new(image.mode, (image.width, high * len(tops)))
    for n, top in enumerate(tops):
        probe.paste(image.crop((0, top, image.width, top + high)), (0, n * high))
    return len(png.encode(probe).data) * image.height // probe.height


def simplest(image: Image.Image) -> Image.Image:
    """The plainest mode that holds every pixel: 1, L or RGB."""
    image = image if image.mode in ("1", "L", "RGB") else image.convert("RGB")
    if image.mode == "RGB" and _is_grey(image):
        image = image.getchannel(0)
    if image.mode == "L" and _values(image) <= _BLACK_AND_WHITE:
        image = image.convert("1", dither=Image.Dither.NONE)
    return image


def _smaller(one: Stream, other: Stream) -> Stream:
    return one if len(one.data) <= len(other.data) else other


def _group4(image: Image.Image) -> Stream:
    return Stream(
        data=bilevel.encoded(image),
        filter="CCITTFaxDecode",
        width=image.width,
        height=image.height,
        bits=1,
        colour_space="DeviceGray",
        decode_parms={"K": -1, "Columns": image.width, "Rows": image.height},
        encoded=True,
    )


def _jpeg(image: Image.Image, *, soft: bool) -> Stream:
    written = io.BytesIO()
    quality, subsampling = (SOFT_QUALITY, 2) if soft else (QUALITY, 0)
    image.save(written, "JPEG", quality=quality, subsampling=subsampling)
    return Stream(
        data=written.getvalue(),
        filter="DCTDecode",
        width=image.width,
        height=image.height,
        bits=8,
        colour_space="DeviceGray" if image.mode == "L" else "DeviceRGB",
        encoded=True,
        recompressed=True,
    )


def _with_palette(image: Image.Image) -> Image.Image | None:
    """The same pixels as numbers of colours; None if there are too many colours, or if
    grey would need as many bits that way.
    """
    counted = image.getcolors(_COLOURS if image.mode == "RGB" else 16)
    if counted is None:
        return None
    colours = sorted(_shade(colour) for _, colour in counted)
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    numbered = _numbered(rgb, colours)
    numbered.putpalette([part for shade in colours for part in shade])
    return numbered


def _shade(colour: Any) -> tuple[int, int, int]:
    return colour if isinstance(colour, tuple) else (colour, colour, colour)


def _numbered(image: Image.Image, colours: list[tuple[int, int, int]]) -> Image.Image:
    """Each pixel's place among the sorted colours, some rows at a time."""
    import numpy as np  # noqa: PLC0415 - only here, and it is slow to load

    codes = np.array(colours, dtype=np.uint32)
    order = _joined(codes)
    out = Image.new("P", image.size)
    for top in range(0, image.height, _ROWS_AT_ONCE):
        low = min(image.height, top + _ROWS_AT_ONCE)
        pixels = np.asarray(image.crop((0, top, image.width, low)))
        flat = _joined(pixels.reshape(-1, 3).astype(np.uint32))
        places = np.searchsorted(order, flat).astype(np.uint8)
        out.paste(
            Image.frombytes("P", (image.width, low - top), places.tobytes()), (0, top)
        )
    return out


def _joined(bands: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Red, green and blue as one number, in the order of the tuples."""
    joined: np.ndarray[Any, Any] = bands @ [65536, 256, 1]
    return joined


def _is_grey(image: Image.Image) -> bool:
    """Some rows at a time: three bands of a whole picture are as large as itself."""
    for top in range(0, image.height, _ROWS_AT_ONCE):
        low = min(image.height, top + _ROWS_AT_ONCE)
        red, green, blue = (
            band.tobytes() for band in image.crop((0, top, image.width, low)).split()
        )
        if not red == green == blue:
            return False
    return True


def _values(image: Image.Image) -> set[int]:
    return {value for value, count in enumerate(image.histogram()) if count}
