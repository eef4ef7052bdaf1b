"""A JPEG or PNG file as one page, its pixels untouched (img2pdf's way).

What the file says of itself is read in one place each: which way up in ``exif``, how
large the paper is in ``paper``. Start at ``read_jpeg``.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from intake.adapters.rebuild import (
    colour,
    exif,
    further,
    jpeg,
    jpeg_rows,
    opaque,
    pixels,
    png,
    still,
)
from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.encode import lossless, lossy
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, Stream, check_pixels
from intake.domain.scan import Flag


def read_jpeg(path: Path, *, limits: Limits) -> Iterator[Page]:
    data = path.read_bytes()
    found = jpeg.parse(data)
    check_pixels(found.width, found.height, limits=limits)
    facts = exif.read(found.exif)
    stream = still.flagged(_jpeg_stream(found), others=further.in_jpeg(found))
    yield still.page(stream, facts, [facts.density, found.density])


def read_png(path: Path, *, limits: Limits) -> Iterator[Page]:
    data = path.read_bytes()
    found = png.parse(data)
    check_pixels(found.width, found.height, limits=limits)
    facts = exif.read(found.exif)
    stream = still.flagged(_png_stream(found, data), others=further.in_png(found))
    yield still.page(stream, facts, [found.density, facts.density])


def _jpeg_stream(found: jpeg.Jpeg) -> Stream:
    near = colour.nearness(found.icc) if colour.is_rgb(found.icc) else "same"
    if found.bits != 8 or found.components == 4 or near == "far":  # noqa: PLR2004
        jpeg_rows.check(found)
        return _converted(found)
    clean = jpeg_rows.trimmed(found)
    if clean is None:
        return _converted(found)
    flags: list[Flag] = ["metadata-cut"] if jpeg_rows.hides(found, clean) else []
    flags += ["colour-profile-cut"] if near == "near" else []
    return jpeg_rows.lifted(found, clean, flags)


def _converted(found: jpeg.Jpeg) -> Stream:
    """Decoded and in sRGB: what a copy can say of it."""
    image = loaded(picture(jpeg.written(found.segments), "JPEG"))
    return replace(lossy(opaque.flat(still.in_srgb(image, found.icc))), encoded=True)


def _png_stream(found: png.Png, data: bytes) -> Stream:
    near = colour.nearness(found.icc) if colour.is_rgb(found.icc) else "same"
    image = loaded(picture(png.plain(data), "PNG"))  # its checksums, too
    lifted = png.lifted(found, image) if png.liftable(found) else None
    if lifted is not None and near != "far":
        return replace(lifted, shown=pixels.of_image(image))
    profile = found.icc if near == "far" else b""
    return replace(
        lossless(still.in_srgb(opaque.flat_png(found, image), profile)), encoded=True
    )
