"""Which optional content of a PDF readers show at first (ISO 32000-1, 8.11)."""

from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name

Layers = frozenset[tuple[int, int]]
"""Object and generation numbers of optional content groups."""

NO_LAYERS: Final[Layers] = frozenset()


def hidden_layers(pdf: pikepdf.Pdf) -> Layers:
    """The groups that the default configuration switches off."""
    properties: Any = pdf.Root.get("/OCProperties")
    settings = properties.get("/D") if isinstance(properties, Dictionary) else None
    if not isinstance(settings, Dictionary):
        return NO_LAYERS
    groups = _ids(properties.get("/OCGs"))
    off = groups if settings.get("/BaseState") == Name.OFF else NO_LAYERS
    return (off - _ids(settings.get("/ON"))) | _ids(settings.get("/OFF"))


def is_off(group: Any, hidden: Layers) -> bool:
    """Whether a group is off, or a membership dictionary (OCMD), whose /P says which of
    its groups count. A visibility expression (/VE) is not read: it counts as shown.
    """
    if not isinstance(group, Dictionary) or "/VE" in group:
        return False
    if "/OCGs" not in group:
        return group.objgen in hidden
    members = group.OCGs if isinstance(group.OCGs, Array) else [group.OCGs]
    ids = _ids(members)
    off = ids & hidden
    hides = {
        "/AllOn": bool(off),
        "/AnyOff": not off,
        "/AllOff": off != ids,
    }
    return bool(ids) and hides.get(str(group.get("/P")), off == ids)


def _ids(groups: Any) -> Layers:
    found = list(groups) if isinstance(groups, Array | list) else []
    return frozenset(group.objgen for group in found if isinstance(group, Dictionary))
