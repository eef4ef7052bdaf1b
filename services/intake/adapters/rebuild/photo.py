"""A JPEG or PNG file as one page, its pixels untouched (img2pdf's way).

Page size: the file's own dpi if it is believable (100 to 1200, paper up to A2), for
scanners tell the truth and telephones say 72. Else the image is fitted to A4, upright
or lying as it is seen, and the page is flagged *size-assumed*.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms

from intake.adapters.rebuild import colour, jpeg, png
from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import (
    Page,
    Placed,
    Stream,
    check_pixels,
    rounded,
)
from intake.adapters.rebuild.render import POINTS_PER_INCH, lossless, lossy
from intake.domain.scan import Done, Flag

A4: Final = (595.2756, 841.8898)
_DPI: Final = (100.0, 1200.0)
_LONGEST: Final = 1700.0
"""Points; the long side of A2 is 1684."""
_ORIENTATION: Final = 0x0112
_TURNS: Final = {1: 0, 3: 180, 6: 90, 8: 270}
"""Exif orientation → clockwise degrees. 2, 4, 5 and 7 are mirrored."""
_RESOLUTION: Final = (0x011A, 0x011B, 0x0128)
_CENTIMETRE: Final = 3

Dpi = tuple[float, float]


def read_jpeg(path: Path, *, limits: Limits) -> Iterator[Page]:
    data = path.read_bytes()
    found = jpeg.parse(data)
    check_pixels(found.width, found.height, limits=limits)
    exif = _exif(found.exif[6:])
    turn = _turn(exif)
    stream, done = _jpeg_stream(found, data, mirrored=turn is None)
    yield _page(stream, done, turn or 0, _exif_dpi(exif) or found.dpi)


def read_png(path: Path, *, limits: Limits) -> Iterator[Page]:
    data = path.read_bytes()
    found = png.parse(data)
    check_pixels(found.width, found.height, limits=limits)
    exif = _exif(found.exif)
    turn = _turn(exif)
    stream, done = _png_stream(found, data, mirrored=turn is None)
    yield _page(stream, done, turn or 0, found.dpi)


def _jpeg_stream(
    found: jpeg.Jpeg, data: bytes, *, mirrored: bool
) -> tuple[Stream, Done]:
    plain = found.bits == 8 and found.frame in jpeg.PDF_FRAMES  # noqa: PLR2004
    near = colour.nearness(found.icc) if colour.is_rgb(found.icc) else "same"
    if mirrored or not plain or found.components not in (1, 3) or near == "far":
        return _converted(data, "JPEG", found.icc, lossy), "re-encoded"
    flags: list[Flag] = ["metadata-cut"] if found.cut else []
    flags += ["colour-profile-cut"] if near == "near" else []
    stream = Stream(
        data=found.clean,
        filter="DCTDecode",
        width=found.width,
        height=found.height,
        bits=8,
        colour_space="DeviceGray" if found.components == 1 else "DeviceRGB",
        flags=tuple(flags),
    )
    return stream, "embedded"


def _png_stream(found: png.Png, data: bytes, *, mirrored: bool) -> tuple[Stream, Done]:
    near = colour.nearness(found.icc) if colour.is_rgb(found.icc) else "same"
    if not mirrored and near != "far" and png.liftable(found):
        loaded(picture(data, "PNG"))  # its checksums, too
        return png.lifted(found), "embedded"
    profile = found.icc if near == "far" else b""
    return _converted(data, "PNG", profile, lossless), "re-encoded"


def _converted(
    data: bytes, kind: str, icc: bytes, encode: Callable[[Image.Image], Stream]
) -> Stream:
    """Decoded, mirrored upright, on white, in sRGB: what a copy can say of it."""
    image = loaded(picture(data, kind))
    orientation = image.getexif().get(_ORIENTATION, 1)
    if orientation not in _TURNS:
        image = _upright(image, orientation)
    return encode(_in_srgb(_on_white(image), icc))


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    ways = Image.Transpose
    mirrors = {
        2: ways.FLIP_LEFT_RIGHT,
        4: ways.FLIP_TOP_BOTTOM,
        5: ways.TRANSPOSE,
        7: ways.TRANSVERSE,
    }
    way = mirrors.get(orientation)
    return image if way is None else image.transpose(way)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("1", "L", "RGB", "CMYK"):
        return image if "transparency" not in image.info else _flattened(image)
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return _flattened(image)


def _flattened(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _in_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    if not icc or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile says nothing: the codes as they are
    return converted if converted is not None else image


def _page(stream: Stream, done: Done, turn: int, dpi: Dpi | None) -> Page:
    size = _believable(stream, dpi)
    flags: tuple[Flag, ...] = stream.flags if size else (*stream.flags, "size-assumed")
    width, height = size or _fitted(stream)
    placed = Placed(stream, (width, 0.0, 0.0, height, 0.0, 0.0))
    return Page(1, width, height, turn, (placed,), done, flags)


def _believable(stream: Stream, dpi: Dpi | None) -> tuple[float, float] | None:
    if dpi is None or not all(_DPI[0] <= value <= _DPI[1] for value in dpi):
        return None
    width = stream.width / dpi[0] * POINTS_PER_INCH
    height = stream.height / dpi[1] * POINTS_PER_INCH
    if max(width, height) > _LONGEST:
        return None
    return rounded(width), rounded(height)


def _fitted(stream: Stream) -> tuple[float, float]:
    """As large as fits on A4 with the long sides together."""
    upright = stream.height >= stream.width
    across, down = A4 if upright else (A4[1], A4[0])
    scale = min(across / stream.width, down / stream.height)
    return rounded(stream.width * scale), rounded(stream.height * scale)


def _exif(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    try:
        exif.load(data)
    except Exception:  # noqa: BLE001 - the sandbox's edge: broken Exif is no Exif
        return Image.Exif()
    return exif


def _turn(exif: Image.Exif) -> int | None:
    """None if mirrored; nonsense counts as upright."""
    value = exif.get(_ORIENTATION, 1)
    if value in (2, 4, 5, 7):
        return None
    return _TURNS.get(value, 0) if isinstance(value, int) else 0


def _exif_dpi(exif: Image.Exif) -> Dpi | None:
    try:
        across, down = (float(exif[tag]) for tag in _RESOLUTION[:2])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    scale = 2.54 if exif.get(_RESOLUTION[2]) == _CENTIMETRE else 1.0
    return across * scale, down * scale
