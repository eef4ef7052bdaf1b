"""A TIFF picture as a stream of a copy: fax strips as one page of Group 4, JPEG strips
as one JPEG with restart marks, all else decoded and kept without loss.

Fax and JPEG blocks are judged as they are in a PDF: libtiff paints what is missing.
Start at ``stream``.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PIL import Image, ImageChops

from intake.adapters.rebuild import (
    bilevel,
    cmyk,
    colour,
    jpeg,
    jpeg_rows,
    jpeg_strips,
    opaque,
    still,
    tiff,
    tiff_alone,
    tiff_blocks,
)
from intake.adapters.rebuild.ccitt import Coding
from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.pages import Stream, UnfitPage
from intake.adapters.rebuild.tiff import Directory
from intake.adapters.rebuild.tiff_blocks import TiffBlock
from intake.domain.scan import Flag, ScanFault

# TIFF 6.0, sections 6, 8, 14 to 18, and the photometric interpretations of 3.
_RLE: Final = 2
_GROUP3: Final = 3
_GROUP4: Final = 4
_FAX: Final = (_RLE, _GROUP3, _GROUP4)
_JPEG: Final = 7
_BYTES: Final = frozenset({1, 5, 8, 32773, 32946})
"""Plain, LZW, deflated, PackBits, deflated by its old number."""
_WHITE_IS_ZERO: Final = 0
_BLACK_IS_ZERO: Final = 1
_RGB: Final = 2
_INKS: Final = 5
_LUMA: Final = 6
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_TWO_DIMENSIONAL: Final = 1
_ALPHA: Final = (1, 2)
"""Values of ExtraSamples that mean transparency."""


def stream(directory: Directory) -> Stream:
    """Raises UnfitPage: *truncated* for missing rows, *unknown-coding* for what no
    scanner writes and nothing here can judge.
    """
    found = tiff_blocks.blocks(directory)
    compression = directory.compression
    take = _WAYS.get(compression)
    if take is None:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, f"TIFF compression {compression}")
    return take(directory, found)


def _photometric(directory: Directory) -> int:
    """A fax that does not say what is white means it as all faxes do."""
    fax = directory.compression in _FAX
    default = _WHITE_IS_ZERO if fax else _BLACK_IS_ZERO
    return directory.number(tiff.PHOTOMETRIC, default)


# --- fax ---------------------------------------------------------------------------


def _fax(directory: Directory, blocks: list[TiffBlock]) -> Stream:
    bits, samples = directory.number(tiff.BITS, 1), directory.number(tiff.SAMPLES, 1)
    photometric = _photometric(directory)
    if (bits, samples) != (1, 1) or photometric > _BLACK_IS_ZERO:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "TIFF fax of other colours")
    if directory.number(tiff.FILL_ORDER, 1) > 1:
        turned = [replace(b, data=b.data.translate(_REVERSED)) for b in blocks]
    else:
        turned = blocks
    joined = _one_fax_block(directory, turned)
    width, height = directory.size
    black = {"BlackIs1": 1} if photometric == _BLACK_IS_ZERO else {}
    whole = joined[: len(joined) - bilevel.EOFB_BYTES]
    return Stream(
        data=joined,
        filter="CCITTFaxDecode",
        width=width,
        height=height,
        bits=1,
        colour_space="DeviceGray",
        decode_parms={"K": -1, "Columns": width, "Rows": height, **black},
        encoded=len(blocks) > 1 or not blocks[0].data.startswith(whole),
    )


def _one_fax_block(directory: Directory, blocks: list[TiffBlock]) -> bytes:
    """The whole page as one canonical stream of T.6, black runs being black."""
    if len(blocks) == 1 and not directory.is_tiled:
        return bilevel.canonical(
            blocks[0].data, _coding(directory, blocks[0]), directory.size
        )
    page = Image.new("1", directory.size, 1)
    for block in blocks:
        size = (block.width, block.height)
        exact = bilevel.canonical(block.data, _coding(directory, block), size)
        page.paste(bilevel.shown(exact, size), (block.left, block.top))
    return bilevel.encoded(page)


def _coding(directory: Directory, block: TiffBlock) -> Coding:
    compression = directory.compression
    if compression == _GROUP4:
        return Coding(k=-1, columns=block.width, aligned=False)
    if compression == _RLE:
        # Without any mark: each row starts at a whole byte (TIFF 6.0, section 10).
        return Coding(k=0, columns=block.width, aligned=True)
    # T4Options: bit 2 has zeros before each mark, which are skipped in any case.
    flat = directory.number(tiff.T4_OPTIONS, 0) & _TWO_DIMENSIONAL == 0
    return Coding(k=0 if flat else 1, columns=block.width, aligned=False, marked=True)


# --- JPEG --------------------------------------------------------------------------


def _jpeg(directory: Directory, blocks: list[TiffBlock]) -> Stream:
    photometric, icc = _photometric(directory), directory.octets(tiff.ICC)
    transform = int(photometric == _LUMA)
    tables = directory.octets(tiff.JPEG_TABLES)
    if directory.number(tiff.PLANAR, 1) > 1 and directory.number(tiff.SAMPLES, 1) > 1:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "TIFF JPEG in planes")
    whole = jpeg_strips.joined(blocks, tables, directory.size)
    near = colour.nearness(icc) if colour.is_rgb(icc) else "same"
    if whole is not None and photometric in (1, 2, 6) and near != "far":
        found = jpeg.parse(whole, transform=transform)
        _check_size(found, directory.size)
        clean = jpeg_rows.trimmed(found) if found.bits == 8 else None  # noqa: PLR2004
        if clean is not None:
            return _as_jpeg(found, clean, near=near == "near")
    size = sum(len(block.data) for block in blocks)
    image = _decoded_blocks(directory, blocks, tables, transform)
    if photometric == _INKS and not colour.is_rgb(icc) and not icc:
        image = cmyk.to_rgb(image)
    if photometric == _WHITE_IS_ZERO:
        image = ImageChops.invert(image)
    return still.pixels(image, icc, source_bytes=size)


def _as_jpeg(found: jpeg.Jpeg, clean: jpeg_rows.Clean, *, near: bool) -> Stream:
    flags: tuple[Flag, ...] = ("colour-profile-cut",) if near else ()
    return jpeg_rows.lifted(found, clean, flags)


def _decoded_blocks(
    directory: Directory, blocks: list[TiffBlock], tables: bytes, transform: int
) -> Image.Image:
    """Tiles, and strips that do not become one JPEG: each judged, decoded, and put in
    its place.
    """
    page: Image.Image | None = None
    for block in blocks:
        data = jpeg_strips.whole_block(block.data, tables)
        found = jpeg.parse(data, transform=transform)
        _check_size(found, (block.width, block.height))
        jpeg_rows.check(found)
        shown = loaded(picture(jpeg.written(found.segments), "JPEG"))
        # Pillow turns the inks of every JPEG; TIFF has them upright (section 16).
        shown = cmyk.turned(shown) if shown.mode == "CMYK" else shown
        page = Image.new(shown.mode, directory.size) if page is None else page
        page.paste(shown.convert(page.mode), (block.left, block.top))
    if page is None:
        raise UnfitPage(ScanFault.TRUNCATED, "TIFF without blocks")
    return page


def _check_size(found: jpeg.Jpeg, size: tuple[int, int]) -> None:
    if (found.width, found.height) != size:
        raise UnfitPage(ScanFault.CONTRADICTORY, "TIFF JPEG of another size")


# --- bytes -------------------------------------------------------------------------


def _bytes(directory: Directory, blocks: list[TiffBlock]) -> Stream:
    """Decoded by libtiff out of a file of this one picture, and kept without loss."""
    photometric = _photometric(directory)
    # Pillow has four bytes a pixel, and a picture of inks a second time as RGB.
    each = 8 if photometric == _INKS else 4
    tiff_blocks.check_unfolded(directory, blocks, bytes_a_pixel=each)
    extra = directory.numbers(tiff.EXTRA)
    # Pillow takes grey for white or black by itself at some depths only.
    negative = photometric == _WHITE_IS_ZERO
    if negative and extra:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "TIFF negative with alpha")
    shown = _BLACK_IS_ZERO if negative else photometric
    image = _decoded(tiff_alone.written(directory, blocks, photometric=shown))
    if image.size != directory.size:
        raise UnfitPage(ScanFault.CONTRADICTORY, "TIFF of another size")
    icc = directory.octets(tiff.ICC)
    if not set(_ALPHA).intersection(extra):
        image = opaque.without_idle_alpha(image)
    if image.mode == "CMYK" and not icc:
        image = cmyk.to_rgb(image)
    return still.pixels(_turned(image) if negative else image, icc)


def _decoded(data: bytes) -> Image.Image:
    try:
        image = picture(data, "TIFF")
    except UnfitPage as error:
        if error.fault is not ScanFault.DAMAGED:
            raise
        # The structure is our own, so it is the kind of samples that Pillow lacks.
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "TIFF samples") from error
    if image.mode in ("F", "I"):
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "TIFF samples of a measurement")
    return loaded(image)


def _turned(image: Image.Image) -> Image.Image:
    if image.mode == "1":
        return bilevel.negative(image)
    return ImageChops.invert(opaque.flat(image))


_WAYS: Final[dict[int, Callable[[Directory, list[TiffBlock]], Stream]]] = {
    **dict.fromkeys(_FAX, _fax),
    _JPEG: _jpeg,
    **dict.fromkeys(_BYTES, _bytes),
}
