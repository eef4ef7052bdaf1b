"""One name, one thing: homes of class names, banned words, what is not typed."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from shape.figures import Figure
from shape.source import ROOT, House, Module

ADAPTERS = Path("services/signing/adapters")

_MIRROR_LINES = 3
_LAST_WORDS = re.compile(r"(Manager|Helper|Util|Service)s?|Impl|Base|Data|Info|DTO|Dto")
_ANYWHERE = frozenset(["Said", "Told", "Heard"])
# The standards' own names: CMS (RFC 5652) and timestamps (RFC 3161) call them so.
_OF_A_STANDARD = frozenset(["SignedData", "SignerInfo", "TstInfo"])
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")


def adapter_entries(house: House) -> Figure:
    entries = sorted(
        path.name
        for path in (ROOT / ADAPTERS).iterdir()
        if path.name not in ("__init__.py", "__pycache__")
    )
    shown = not house.only or ADAPTERS.is_relative_to(house.only.rstrip("/"))
    return Figure(
        f"entries of {ADAPTERS}",
        len(entries) if shown else 0,
        "<= 13",
        "files and folders beside __init__.py",
        tuple(entries) if shown and len(entries) > 13 else (),
    )


def names_with_more_homes(house: House) -> Figure:
    homes: dict[str, list[Module]] = defaultdict(list)
    for module in house.modules:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    shared = {
        name: modules
        for name, modules in sorted(homes.items())
        if len(modules) > 1 and any(map(house.shows, modules))
    }
    return Figure(
        "public class names with more homes",
        len(shared),
        "<= 12",
        f"a home says 'mirror' in the first {_MIRROR_LINES} lines of its module's "
        "docstring; one that does not is marked with !",
        tuple(
            f"{name}: {', '.join(map(_home, modules))}"
            for name, modules in shared.items()
        ),
        met=all(_says_mirror(home) for homes in shared.values() for home in homes),
    )


def banned_names(house: House) -> Figure:
    banned = tuple(
        f"{module.place(node.lineno)} {node.name}"
        for module in house.shown()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and _is_banned(node.name)
    )
    return Figure(
        "classes with a banned word",
        len(banned),
        "<= 0",
        "Said, Told, Heard anywhere; Manager, Helper, Util, Service, Impl, Base, Data, "
        "Info, DTO as the last word",
        banned,
    )


def untyped_callables(house: House) -> Figure:
    places = tuple(
        place
        for module in house.shown()
        if _is_wired(module.path)
        for place in _untyped(module)
    )
    return Figure(
        "Callable[..., in app and wiring",
        len(places),
        "<= 0",
        "services/*/app and services/*/wiring",
        places,
    )


def _home(module: Module) -> str:
    return f"{'' if _says_mirror(module) else '!'}{module.path}"


def _says_mirror(module: Module) -> bool:
    docstring = ast.get_docstring(module.tree) or ""
    first = " ".join(docstring.splitlines()[:_MIRROR_LINES])
    return "mirror" in first.casefold()


def _is_banned(name: str) -> bool:
    if name in _OF_A_STANDARD:
        return False
    words = _WORD.findall(name) or [name]
    return bool(_LAST_WORDS.fullmatch(words[-1])) or not _ANYWHERE.isdisjoint(words)


def _is_wired(path: Path) -> bool:
    """True of services/<one>/app/… and services/<one>/wiring.py or wiring/…"""
    return path.parts[0] == "services" and path.parts[2] in (
        "app",
        "wiring",
        "wiring.py",
    )


def _untyped(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Subscript(
                value=ast.Name(id="Callable") | ast.Attribute(attr="Callable"),
                slice=ast.Tuple(elts=[ast.Constant(value=first), *_]),
            ) if first is ...:
                yield f"{module.place(node.lineno)} {ast.unparse(node)}"
