"""Fonts and colour spaces: the only resources of a footer and of the clause page.

ISO 32000-1 §7.8.3, §8.6, §9.6. No pattern, shading, graphics state, form or glyph
procedure can be reached, so text is text and a path is a path.
"""

import re
from typing import Final

from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.shape import Obj, View, resolve
from storage.domain.gate.tokens import Dictionary, Ref, Value, references

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
    """A composite font (§9.7): its outlines are an embedded program."""
    font = resolve(view, value, "resources").dictionary()
    require(font.get(b"/Subtype") == b"/Type0", "resources", "font")
    below = font.get(b"/DescendantFonts")
    if not isinstance(below, list) or len(below) != 1:
        refuse("resources", "descendants")
    descendant = resolve(view, below[0], "resources").dictionary()
    require(descendant.get(b"/Subtype") in _FONTS, "resources", "descendant")
    _claim(view, value, claimed)


def _claim_space(view: View, value: Value, claimed: set[int]) -> None:
    """A colour space by a profile (§8.6.5.5)."""
    space = value
    if type(value) is Ref:
        space = resolve(view, value, "resources").value
    if not isinstance(space, list) or space[:1] != [b"/ICCBased"]:
        refuse("resources", "colour space")
    for profile in space[1:] or [b""]:
        require(resolve(view, profile, "resources").stream, "resources", "profile")
    _claim(view, value, claimed)


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
