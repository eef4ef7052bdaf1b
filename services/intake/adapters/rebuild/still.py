"""What all picture files share: the paper's size, the way up, white behind, sRGB.

Each reader brings a stream, and what its file says of itself; this makes the page.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PIL import Image, ImageCms

from intake.adapters.rebuild import colour, encode, opaque, paper
from intake.adapters.rebuild.exif import Density, Facts
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import (
    Matrix,
    Page,
    Placed,
    Stream,
    UnfitPage,
    check_pixels,
)
from intake.domain.scan import Done, Flag, ScanFault

MOST_UNFOLDED: Final = 50_000_000
"""Pixels of a WebP or HEIC picture: their decoders hold it three times over, which is a
GiB at that size. The largest photographs of telephones that write them are 49.9
million."""
_ZEROS: Final = bytes(256)
"""More than the last picture of a file ever ends in."""


def page(
    stream: Stream, facts: Facts, densities: Sequence[Density | None], number: int = 1
) -> Page:
    """``densities`` are the file's, the best witness first. A mirrored picture is not
    recompressed: it is placed by a matrix that mirrors.
    """
    stated = [density for density in densities if density is not None]
    (width, height), own = paper.size((stream.width, stream.height), stated)
    flags: tuple[Flag, ...] = stream.flags if own else (*stream.flags, "size-assumed")
    upright: Matrix = (width, 0.0, 0.0, height, 0.0, 0.0)
    mirrored: Matrix = (-width, 0.0, 0.0, height, width, 0.0)
    placed = Placed(stream, mirrored if facts.mirrored else upright)
    return Page(number, width, height, facts.turn, (placed,), done(stream), flags)


def check_filled(data: bytes, kind: str) -> None:
    """Raises UnfitPage(truncated) for coded data that end in zeros: a file that was cut
    and filled to its size. Decoders of WebP and HEVC make noise of them in silence.
    """
    if data.endswith(_ZEROS):
        raise UnfitPage(ScanFault.TRUNCATED, f"{kind} ends in zeros")


def check_unfolded(size: tuple[int, int], limits: Limits) -> None:
    """Raises UnfitPage(too-many-pixels); see ``MOST_UNFOLDED``."""
    most = min(MOST_UNFOLDED, limits.pixels)
    check_pixels(*size, limits=replace(limits, pixels=most))


def done(stream: Stream) -> Done:
    """What became of a picture file's pixels."""
    if stream.recompressed:
        return "recompressed"
    return "re-encoded" if stream.encoded else "embedded"


def flagged(stream: Stream, *, others: bool) -> Stream:
    """``others``: whether the file has more pictures that could be pages."""
    more: tuple[Flag, ...] = ("other-pictures-left-out",) if others else ()
    return replace(stream, flags=(*stream.flags, *more))


def pixels(image: Image.Image, icc: bytes, *, source_bytes: int = 0) -> Stream:
    """Decoded pixels on white, in sRGB, without loss; where ``source_bytes`` says that
    the source was compressed with loss already, see ``encode.kept``.
    """
    near = colour.nearness(icc) if colour.is_rgb(icc) else "far"
    flat = opaque.flat(in_srgb(image, icc if near == "far" else b""))
    stream = encode.kept(flat, source_bytes) if source_bytes else encode.lossless(flat)
    flags: tuple[Flag, ...] = ("colour-profile-cut",) if near == "near" else ()
    return replace(stream, encoded=True, flags=flags)


def in_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """RGB and CMYK by their profile; CIELab, which needs none, to sRGB."""
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _converted(image, ImageCms.ImageCmsProfile(lab))
    if not icc or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        return _converted(image, ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile says nothing: the codes as they are


def _converted(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return image if converted is None else converted
