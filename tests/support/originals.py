"""Synthetic page images, and a normalised original of them as intake writes it."""

import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pikepdf
from PIL import Image, ImageDraw

from ecopy.events import (
    ManifestPage,
    PageImage,
)

A4 = (595.2, 841.92)
DPI = 100


@dataclass(frozen=True)
class ScanImage:
    """One image of a synthetic page; ``dictionary`` is its PDF dictionary."""

    content: bytes
    size: tuple[int, int]
    filter: str = "DCTDecode"
    bits: int = 8
    colour_space: str = "DeviceRGB"
    decode_parms: dict[str, int] = field(default_factory=dict)
    inverted: bool = False
    palette: str = ""


@dataclass(frozen=True)
class ScanPage:
    """Images with their ``cm`` matrices; points before rotation."""

    images: Sequence[tuple[ScanImage, tuple[float, ...]]]
    width: float = A4[0]
    height: float = A4[1]
    rotation: int = 0


def jpeg(seed: int = 1, size: tuple[int, int] = (827, 1169), mode: str = "RGB"):
    """A page that looks a little like a scan."""
    image = Image.new(mode, size, "white")
    draw = ImageDraw.Draw(image)
    for line in range(12 + seed):
        y = 60 + line * (size[1] - 120) // 24
        draw.rectangle((60, y, size[0] - 60 - 37 * (line + seed) % 300, y + 14), "navy")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, dpi=(DPI, DPI))
    space = "DeviceGray" if mode == "L" else "DeviceRGB"
    return ScanImage(out.getvalue(), size, colour_space=space)


def fax(size: tuple[int, int] = (1654, 2339)) -> ScanImage:
    """CCITT Group 4, one bit."""
    image = Image.new("1", size, 1)
    ImageDraw.Draw(image).ellipse((200, 300, 1200, 1500), fill=0)
    out = io.BytesIO()
    image.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    tiff = Image.open(io.BytesIO(out.getvalue()))
    (offset,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    parms = {"K": -1, "Columns": size[0], "Rows": size[1]}
    if tiff.tag_v2[262] == 1:  # BlackIsZero: as PDF has it by default
        parms["BlackIs1"] = 0
    content = out.getvalue()[offset : offset + length]
    return ScanImage(content, size, "CCITTFaxDecode", 1, "DeviceGray", parms)


def flat(size: tuple[int, int] = (600, 400), *, bits: int = 8) -> ScanImage:
    """Flate, grey, with a PNG predictor when it has eight bits."""
    if bits == 1:
        row = bytes((size[0] + 7) // 8)
        rows = row * size[1]
        return ScanImage(
            zlib.compress(rows), size, "FlateDecode", 1, "DeviceGray", {}, inverted=True
        )
    rows = b"".join(
        b"\0" + bytes(x % 256 for x in range(size[0])) for _ in range(size[1])
    )
    parms = {"Predictor": 15, "Colors": 1, "BitsPerComponent": 8, "Columns": size[0]}
    return ScanImage(zlib.compress(rows), size, "FlateDecode", 8, "DeviceGray", parms)


def palette_image(
    bits: int = 4, colours: int = 11, size: tuple[int, int] = (300, 200), seed: int = 1
) -> ScanImage:
    """Flate under a palette; each colour is one that no other pixel has."""
    indices = [
        (x // 7 + y // 5 * seed) % colours
        for y in range(size[1])
        for x in range(size[0])
    ]
    rows = b"".join(
        _packed(indices[y * size[0] : (y + 1) * size[0]], bits) for y in range(size[1])
    )
    shades = (hashlib.sha256(b"%d %d" % (seed, k)).hexdigest() for k in range(colours))
    palette = "".join(shade[:6] for shade in shades)
    return ScanImage(
        zlib.compress(rows), size, "FlateDecode", bits, "Indexed", palette=palette
    )


def _packed(samples: Sequence[int], bits: int) -> bytes:
    """A row, filled up to a whole byte with zero bits."""
    text = "".join(f"{sample:0{bits}b}" for sample in samples)
    filled = text.ljust(-(-len(text) // 8) * 8, "0")
    return int(filled, 2).to_bytes(len(filled) // 8, "big")


def full_page(
    image: ScanImage, rotation: int = 0, size: tuple[float, float] = A4
) -> ScanPage:
    width, height = size
    return ScanPage(
        [(image, (width, 0, 0, height, 0, 0))], width, height, rotation=rotation
    )


def one_of_each_kind(size: tuple[float, float] = A4) -> list[ScanPage]:
    """JPEG, grey JPEG, CCITT, Flate, strips, every rotation, a landscape A5."""
    width, height = size
    half = height / 2
    strips = [
        (jpeg(3, (827, 585)), (width, 0, 0, half, 0, half)),
        (flat(bits=1), (width / 2, 0, 0, half, 0, 0)),
        (flat(), (width / 2, 0, 0, half, width / 2, 0)),
    ]
    return [
        full_page(jpeg(1), 0, size),
        full_page(jpeg(2, mode="L"), 90, size),
        full_page(fax(), 180, size),
        full_page(jpeg(4), 270, size),
        ScanPage(strips, width, height),
        ScanPage([(jpeg(5, (1169, 827)), (595.0, 0, 0, 420.0, 0, 0))], 595.0, 420.0),
    ]


def original_of(
    pages: Sequence[ScanPage], *, shared: bool = False
) -> tuple[bytes, tuple[ManifestPage, ...]]:
    """A normalised original as intake writes it, and its manifest. *shared*: equal
    images are one object, else each is its own.
    """
    pdf = pikepdf.new()
    shelf: dict[tuple[object, ...], pikepdf.Object] = {}
    for page in pages:
        images = [_image(pdf, image) for image, _ in page.images]
        if shared:
            names = [(i.content, i.palette, i.inverted) for i, _ in page.images]
            images = [
                shelf.setdefault(*pair) for pair in zip(names, images, strict=True)
            ]
        drawing = "".join(
            f"q\n{' '.join(f'{v:.5f}' for v in matrix)} cm\n/Im{k} Do\nQ\n"
            for k, (_, matrix) in enumerate(page.images)
        )
        made = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, page.width, page.height],
            Rotate=page.rotation,
            Resources=pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(
                    {f"/Im{k}": image for k, image in enumerate(images)}
                )
            ),
            Contents=pdf.make_stream(drawing.encode()),
        )
        pdf.pages.append(pikepdf.Page(made))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue(), tuple(_manifest(page) for page in pages)


def _image(pdf: pikepdf.Pdf, image: ScanImage) -> pikepdf.Object:
    made = pikepdf.Stream(pdf, image.content)
    made.Type, made.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    made.Width, made.Height = image.size
    made.BitsPerComponent = image.bits
    made.ColorSpace = pikepdf.Name("/" + image.colour_space)
    if image.palette:
        colours = bytes.fromhex(image.palette)
        made.ColorSpace = pikepdf.Array(
            [
                pikepdf.Name.Indexed,
                pikepdf.Name.DeviceRGB,
                len(colours) // 3 - 1,
                pikepdf.String(colours),
            ]
        )
    made.Filter = pikepdf.Name("/" + image.filter)
    if image.decode_parms:
        made.DecodeParms = pikepdf.Dictionary(
            {
                f"/{key}": bool(value) if key == "BlackIs1" else value
                for key, value in image.decode_parms.items()
            }
        )
    if image.inverted:
        made.Decode = pikepdf.Array([1, 0])
    return pdf.make_indirect(made)


def _manifest(page: ScanPage) -> ManifestPage:
    return ManifestPage(
        width=page.width,
        height=page.height,
        rotation=page.rotation,
        images=tuple(
            PageImage(
                sha256=hashlib.sha256(image.content).hexdigest(),
                size=len(image.content),
                filter=image.filter,
                width=image.size[0],
                height=image.size[1],
                bits=image.bits,
                colour_space=image.colour_space,
                palette=image.palette,
                decode_parms=image.decode_parms,
                inverted=image.inverted,
                placement=matrix,
            )
            for image, matrix in page.images
        ),
    )
