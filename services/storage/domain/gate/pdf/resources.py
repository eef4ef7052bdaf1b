"""Fonts and colour spaces: the only resources of a footer and of the clause page.

ISO 32000-1 §7.8.3, §8.6, §9.6. No pattern, shading, graphics state, form or glyph
procedure can be reached, so text is text and a path is a path. Start at
``claim_resources``.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final

from storage.domain.gate.pdf.objects import Obj, View, resolve
from storage.domain.gate.pdf.streams import unpacked
from storage.domain.gate.pdf.tokens import Dictionary, Ref, Value, references
from storage.domain.gate.refusal import refuse, require

_LOCAL: Final = re.compile(rb"/[A-Za-z]{1,2}\d{1,3}")
_KEYS: Final = frozenset(
    b"/" + name
    for name in (
        b"Alternate Ascent BaseFont CIDSet CIDSystemInfo CIDToGIDMap CapHeight DW"
        b" DescendantFonts Descent Encoding Filter Flags FontBBox FontDescriptor"
        b" CMapName FontFile2 FontFile3 FontName ItalicAngle Length N Ordering Range"
        b" Registry StemV Subtype Supplement ToUnicode Type W WMode"
    ).split()
)
_FONTS: Final = frozenset({b"/CIDFontType0", b"/CIDFontType2"})
_FONT_KEYS: Final = frozenset(
    b"/" + name
    for name in b"BaseFont DescendantFonts Encoding Subtype ToUnicode Type".split()
)
_PROGRAMS: Final = (b"/FontFile2", b"/FontFile3")
# The program's beginning only: glyphs are not read. A font can draw any shape for any
# letter, and docs/dialect.md says openly that the words of a page are signing's.
_PROGRAM: Final = 4 << 20
"""Bytes of a font's program at most: the subset of one of ours has some 50 kB."""
_MAGIC_BYTES: Final = 4
_CFF: Final = b"\1\0\4"
"""Bare CFF, then the octets of an offset, 1 to 4 (Adobe technical note 5176, §6)."""
_FORMATS: Final = frozenset(
    {b"\0\1\0\0", b"OTTO", b"true", *(_CFF + bytes([size]) for size in range(1, 5))}
)
"""TrueType, OpenType, TrueType again, and CFF."""
_PROFILE: Final = 1 << 12
_PROFILES: Final = {
    b"3": "c56e1685d888f5edb92fe07f2750f387f8fe8e91b32ff8fb0b56bfbbb9458353",
    b"1": "00c0f94e09127520a17dc0e1d9264b5702081d96dbdb1549ee88e3631ce42a9d",
}
"""SHA-256 of typst's sRGB and grey profiles, by the number of components; of every
writer since the first one."""
_MAX_OBJECTS: Final = 200


def claim_resources(view: View, value: Value | None, *, procedures: bool) -> set[int]:
    """The objects under a /Resources dictionary; every key of them is known."""
    claimed: set[int] = set()
    fields = _follow(view, value, claimed)
    allowed = {b"/ColorSpace", b"/Font"} | ({b"/ProcSet"} if procedures else set())
    require(fields.keys() <= allowed, "resources", b" ".join(sorted(fields)))
    _check_procedures(fields.get(b"/ProcSet", []))
    for font in _entries(view, fields.get(b"/Font", {}), claimed):
        _claim_font(view, font, claimed)
    for space in _entries(view, fields.get(b"/ColorSpace", {}), claimed):
        _claim_space(view, space, claimed)
    return claimed


def _follow(view: View, value: Value | None, claimed: set[int]) -> Dictionary:
    """A dictionary, direct or by one reference."""
    if type(value) is Ref:
        claimed.add(value)
        return resolve(view, value, "resources").dictionary()
    if not isinstance(value, dict):
        refuse("resources", "not a dictionary")
    return value


def _check_procedures(value: Value) -> None:
    """/ProcSet is history: names only (§14.2)."""
    names = value if isinstance(value, list) else [b""]
    plain = all(type(name) is bytes and name[:1] == b"/" for name in names)
    require(plain, "resources", "ProcSet")


def _entries(view: View, value: Value, claimed: set[int]) -> list[Value]:
    found = _follow(view, value, claimed)
    named = all(_LOCAL.fullmatch(name) for name in found)
    require(named, "resources", b" ".join(sorted(found)))
    return list(found.values())


def _claim_font(view: View, value: Value, claimed: set[int]) -> None:
    """A composite font (§9.7), its codes the glyphs' numbers, its outlines embedded."""
    font = resolve(view, value, "resources").dictionary()
    require(font.get(b"/Subtype") == b"/Type0", "resources", "font")
    require(font.keys() == _FONT_KEYS, "resources", "font keys")
    require(font[b"/Encoding"] == b"/Identity-H", "resources", "encoding")
    require(resolve(view, font[b"/ToUnicode"], "resources").stream, "resources", "text")
    below = font.get(b"/DescendantFonts")
    if not isinstance(below, list) or len(below) != 1:
        refuse("resources", "descendants")
    descendant = resolve(view, below[0], "resources").dictionary()
    require(descendant.get(b"/Subtype") in _FONTS, "resources", "descendant")
    glyphs = descendant.get(b"/CIDToGIDMap", b"/Identity")
    require(glyphs == b"/Identity", "resources", "glyphs by another map")
    _check_program(view, descendant.get(b"/FontDescriptor"))
    _claim(view, value, claimed)


def _check_program(view: View, value: Value | None) -> None:
    """One program, embedded, of a kind that readers agree on (§9.9)."""
    descriptor = resolve(view, value, "resources").dictionary()
    files = [descriptor[key] for key in _PROGRAMS if key in descriptor]
    require(len(files) == 1, "resources", "font program")
    program = resolve(view, files[0], "resources").body()
    require(_beginning(program) in _FORMATS, "resources", "font program")


# All footers of a copy share their fonts and profiles, hence remembered.
@lru_cache(32)
def _beginning(program: bytes) -> bytes:
    return unpacked(program, "resources", _PROGRAM)[:_MAGIC_BYTES]


@lru_cache(32)
def _digest(profile: bytes, reason: str) -> str:
    return sha256(unpacked(profile, reason, _PROFILE)).hexdigest()


def _claim_space(view: View, value: Value, claimed: set[int]) -> None:
    """A colour space by one of two profiles (§8.6.5.5)."""
    space = value
    if type(value) is Ref:
        space = resolve(view, value, "resources").value
    if not isinstance(space, list) or space[:1] != [b"/ICCBased"]:
        refuse("resources", "colour space")
    require(len(space) == 2, "resources", "profile")  # noqa: PLR2004 - a pair
    check_profile(resolve(view, space[1], "resources"), "resources")
    _claim(view, value, claimed)


def check_profile(obj: Obj, reason: str, wanted: bytes = b"") -> None:
    """One of typst's own profiles, byte for byte: a profile decides what is seen."""
    fields = obj.dictionary()
    keys = fields.keys() - {b"/Length", b"/Range"}
    require(keys == {b"/Filter", b"/N"}, reason, "profile")
    parts = fields[b"/N"]
    if type(parts) is not bytes or parts not in _PROFILES:
        refuse(reason, "profile")
    require(parts == (wanted or parts), reason, "profile")
    plain = b"[" + b" ".join([b"0 1"] * int(parts)) + b"]"
    require(fields.get(b"/Range", plain) == plain, reason, "profile")
    require(fields[b"/Filter"] == b"/FlateDecode", reason, "profile")
    same = _digest(obj.body(), reason) == _PROFILES[parts]
    require(same, reason, "profile")


def _claim(view: View, value: Value, claimed: set[int]) -> None:
    """Everything below, with known keys only."""
    _check_keys(value)
    todo = references(value)
    while todo:
        number = todo.pop()
        if number in claimed:
            continue
        require(len(claimed) < _MAX_OBJECTS, "resources", "too many")
        obj: Obj = resolve(view, Ref(number), "resources")
        claimed.add(number)
        _check_keys(obj.value)
        todo.extend(references(obj.value))


def _check_keys(value: Value) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            unknown = item.keys() - _KEYS
            require(not unknown, "unknown-key", b" ".join(sorted(unknown)))
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
