"""What a signer can do to palettes, mirrored pictures and images that pages share."""

from collections.abc import Callable

from ecopy.events import ManifestPage
from support.forging.base import image_object, stream
from support.forging.case import Case, Forgery, case
from support.forging.copy import Copy, good
from support.forging.order import image, noise

FIRST, FIRST_WORDS, IMAGE, SECOND, OWN, OTHER = 18, 19, 21, 22, 25, 29
"""A page, its content and its image, which the second page shares; the number that the
second page's own image would have; the third page's image.
"""
COLOURS = ("ffffff", "98190f", "17406d")
PALETTE = "".join(COLOURS)


def pages(**changes: object) -> tuple[ManifestPage, ...]:
    """A mirrored picture, the same upright on the next page, and a skewed other one;
    changes are of the first two pages' image.
    """
    kind: dict[str, object] = {
        "filter": "FlateDecode",
        "bits": 2,
        "colour_space": "Indexed",
        "palette": PALETTE,
    }
    mirrored, upright = (-595.2, 0, 0, 841.92, 595.2, 0), (595.2, 0, 0, 841.92, 0, 0)
    skewed = (594.8, 21.5, -30.4, 841.37, 0.4, 0.2)
    sizes = {"width": 595.2, "height": 841.92}
    return (
        ManifestPage(
            images=(image("0", placement=mirrored, **kind | changes),), **sizes
        ),
        ManifestPage(
            images=(image("0", placement=upright, **kind | changes),), **sizes
        ),
        ManifestPage(images=(image("2", placement=skewed, **kind),), **sizes),
    )


def shared(**changes: object) -> Copy:
    """A good copy whose first two pages draw one object."""
    copy = good(manifest=pages(**changes))
    del copy.objects[OWN]
    _draw(copy, SECOND, OWN, IMAGE)
    return copy


def _draw(copy: Copy, page: int, old: int, new: int) -> None:
    before, after = (b"/Im0 %d 0 R" % number for number in (old, new))
    assert before in copy.objects[page]
    copy.objects[page] = copy.objects[page].replace(before, after)


def _made(change: Callable[[Copy], object]) -> Callable[[], Case]:
    def make() -> Case:
        bent = shared()
        change(bent)
        return case(bent.write(), manifest=pages())

    return make


def _bent(number: int, old: bytes, new: bytes) -> Callable[[], Case]:
    def change(copy: Copy) -> None:
        assert old in copy.objects[number]
        copy.objects[number] = copy.objects[number].replace(old, new, 1)

    return _made(change)


def _moved(old: bytes, new: bytes) -> Callable[[], Case]:
    """Another matrix on the first page, its stream's /Length true."""

    def change(copy: Copy) -> None:
        _, _, rest = copy.objects[FIRST_WORDS].partition(b"stream\n")
        body = rest.removesuffix(b"\nendstream")
        assert old in body
        text = body.replace(old, new, 1)
        copy.objects[FIRST_WORDS] = stream(b"", text).replace(b"<<  ", b"<< ", 1)

    return _made(change)


def _unused(copy: Copy) -> None:
    copy.objects[OWN] = image_object(pages()[1].images[0], noise("0", 3000))


HEX = f"<{PALETTE}>".encode()

IMAGES = [
    Forgery(
        "palette digit",
        "palette-colours",
        _bent(IMAGE, HEX, HEX.replace(b"98190f", b"98190e")),
    ),
    Forgery("palette in capitals", "palette-colours", _bent(IMAGE, HEX, HEX.upper())),
    Forgery(
        "palette longer",
        "palette-colours",
        _bent(IMAGE, HEX, HEX.replace(b">", b"000000>")),
    ),
    Forgery("palette of letters", "palette-colours", _bent(IMAGE, HEX, b"(abcdefghi)")),
    Forgery(
        "palette elsewhere", "palette-colours", _bent(IMAGE, HEX, b"%d 0 R" % OTHER)
    ),
    Forgery(
        "palette reaches further", "palette-size", _bent(IMAGE, b"B 2 <", b"B 3 <")
    ),
    Forgery("palette reaches less", "palette-size", _bent(IMAGE, b"B 2 <", b"B 1 <")),
    Forgery(
        "palette of grey",
        "palette-space",
        _bent(IMAGE, b"/DeviceRGB 2", b"/DeviceGray 2"),
    ),
    Forgery(
        "palette of inks",
        "palette-space",
        _bent(IMAGE, b"/DeviceRGB 2", b"/DeviceCMYK 2"),
    ),
    Forgery(
        "palette left out",
        "palette",
        _bent(IMAGE, b"[ /Indexed /DeviceRGB 2 %b ]" % HEX, b"/DeviceGray"),
    ),
    Forgery("pattern for a palette", "palette", _bent(IMAGE, b"/Indexed", b"/Pattern")),
    Forgery(
        "palette backwards",
        "image",
        _bent(IMAGE, b"/Filter", b"/Decode [ 1 0 ] /Filter"),
    ),
    Forgery(
        "shared image exchanged",
        "image-digest",
        _made(lambda copy: _draw(copy, SECOND, IMAGE, OTHER)),
    ),
    Forgery(
        "shared image not drawn",
        "orphan-object",
        _made(lambda copy: copy.objects.update({99: copy.objects[OTHER]})),
    ),
    Forgery("image that no page draws", "orphan-object", _made(_unused)),
    Forgery(
        "shared image is nowhere",
        "dangling-reference",
        _made(lambda copy: _draw(copy, SECOND, IMAGE, OWN)),
    ),
    Forgery(
        "picture not mirrored",
        "page-content",
        _moved(b"-595.2 0 0 841.92 595.2 0 cm", b"595.2 0 0 841.92 0 0 cm"),
    ),
    Forgery("picture slanted", "page-content", _moved(b" 0 0 841.92", b" 0 9 841.92")),
]
