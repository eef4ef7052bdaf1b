"""Looks into what the rebuilder wrote, with readers of its own."""

import hashlib
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image, ImageChops, ImageOps, ImageStat

from ecopy.events import ManifestPage, PageImage

ACTIVE = frozenset(
    {
        *("/JS", "/JavaScript", "/AA", "/OpenAction", "/A", "/Annots", "/AcroForm"),
        *("/EmbeddedFiles", "/Names", "/Metadata", "/Info", "/OCProperties", "/Font"),
        *("/AF", "/Outlines", "/Perms", "/StructTreeRoot", "/PieceInfo", "/SMask"),
    }
)


def keys_of(path: Path) -> set[str]:
    """Every key of every dictionary in a file, and of its trailer."""
    with pikepdf.open(path) as pdf:
        found = set(pdf.trailer.keys())
        for thing in pdf.objects:
            found |= _keys(thing)
        return found


def _keys(thing: Any) -> set[str]:
    if isinstance(thing, pikepdf.Array):
        return set().union(*(_keys(item) for item in thing))
    if not isinstance(thing, (Dictionary, pikepdf.Stream)):
        return set()
    inner = [value for _, value in thing.items() if not _is_indirect(value)]
    return set(thing.keys()).union(*(_keys(item) for item in inner))


def _is_indirect(value: Any) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def manifest_of(path: Path) -> tuple[ManifestPage, ...]:
    """What stands in a normalised original, read from the file itself."""
    with pikepdf.open(path) as pdf:
        return tuple(_page(page.obj) for page in pdf.pages)


def _page(page: Any) -> ManifestPage:
    assert set(page.keys()) <= {
        *("/Type", "/MediaBox", "/Resources", "/Contents", "/Parent", "/Rotate")
    }
    left, low, width, height = (float(v) for v in page.MediaBox)
    assert (left, low) == (0, 0)
    drawn = _placements(page)
    xobjects = page.Resources.XObject
    assert [name for name, _ in drawn] == sorted(xobjects.keys(), key=_ordinal)
    return ManifestPage(
        width=width,
        height=height,
        rotation=int(page.get("/Rotate", 0)),
        images=tuple(_image(xobjects[name], matrix) for name, matrix in drawn),
    )


def _ordinal(name: str) -> int:
    return int(name.removeprefix("/Im"))


def _placements(page: Any) -> list[tuple[str, tuple[float, ...]]]:
    """The content is exactly ``q … cm /ImK Do Q`` for each image."""
    steps = [
        (str(step.operator), list(step.operands))
        for step in pikepdf.parse_content_stream(page)
    ]
    assert [name for name, _ in steps] == ["q", "cm", "Do", "Q"] * (len(steps) // 4)
    return [
        (str(steps[k + 2][1][0]), tuple(float(v) for v in steps[k + 1][1]))
        for k in range(0, len(steps), 4)
    ]


def _image(image: Any, matrix: Any) -> PageImage:
    assert set(image.keys()) <= {
        *("/Type", "/Subtype", "/Width", "/Height", "/BitsPerComponent"),
        *("/ColorSpace", "/Filter", "/DecodeParms", "/Decode", "/Length"),
    }
    data = image.read_raw_bytes()
    decode = [float(v) for v in image.get("/Decode", [])]
    assert decode in ([], [1.0, 0.0])
    return PageImage(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        filter=_name(image.Filter),
        width=int(image.Width),
        height=int(image.Height),
        bits=int(image.BitsPerComponent),
        colour_space=_colours(image.ColorSpace)[0],
        palette=_colours(image.ColorSpace)[1],
        decode_parms=_parms(image.get("/DecodeParms", Dictionary())),
        inverted=bool(decode),
        placement=matrix,
    )


def _colours(space: Any) -> tuple[Any, str]:
    """The manifest's word for a colour space, and its palette."""
    if not isinstance(space, pikepdf.Array):
        return _name(space), ""
    kind, base, highest, colours = space
    assert (kind, base) == (Name.Indexed, Name.DeviceRGB)
    assert len(bytes(colours)) == 3 * (int(highest) + 1)
    return "Indexed", bytes(colours).hex()


def _name(name: Name) -> Any:
    return str(name).removeprefix("/")


def _parms(parms: Any) -> dict[str, int]:
    return {key.removeprefix("/"): int(value) for key, value in parms.items()}


def raw_streams(path: Path) -> list[bytes]:
    """Encoded bytes of each image of a PDF, in page order."""
    with pikepdf.open(path) as pdf:
        return [
            image.read_raw_bytes()
            for page in pdf.pages
            for image in page.obj.Resources.XObject.as_dict().values()
        ]


def looks(path: Path, *, width: int = 300) -> list[Image.Image]:
    """Each page as pdfium shows it, upright, ``width`` px wide."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [
            page.render(scale=width / page.get_width()).to_pil().convert("RGB")
            for page in document
        ]
    finally:
        document.close()


def resembles(one: Image.Image, other: Image.Image) -> bool:
    """Whether they show one page the same way up: twice as near to each other as to
    the page turned over, mirrored or inverted."""
    near, far = _from_afar(one, other)
    wrong = (ImageOps.flip(far), ImageOps.mirror(far), ImageOps.invert(far))
    return 2 * _apart(near, far) < min(_apart(near, page) for page in wrong)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures of one page, 0 to 255, seen from as far
    that the grain of a resampling does not count."""
    return _apart(*_from_afar(one, other))


def _from_afar(one: Image.Image, other: Image.Image) -> tuple[Image.Image, Image.Image]:
    width = min(one.width, other.width) // 4
    size = (width, width * one.height // one.width)
    near, far = (
        image.convert("RGB").resize(size, Image.Resampling.BOX)
        for image in (one, other)
    )
    return near, far


def _apart(near: Image.Image, far: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(near, far)).mean)
