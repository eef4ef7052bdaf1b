"""Whether a PDF carries a living signature: one that somebody can verify.

Only what hangs where a verifier looks counts: fields of the AcroForm and of the pages,
and /DocMDP in /Perms (ISO 32000-1, 12.8). Usage rights (/UR, /UR3) are a maker's
licence for Acrobat; an empty field, a removed signature and an unreferenced dictionary
sign nothing.
"""

from collections.abc import Iterator
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary

from intake.adapters.rebuild.boxes import inherited

_MOST_FIELDS: Final = 100_000
"""More than any form has; fields made without end must not be walked without end."""
_DOC_MDP: Final = "/DocMDP"


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """True for a signature, a certification or a document timestamp with content."""
    perms = pdf.Root.get("/Perms")
    certified = isinstance(perms, Dictionary) and _is_living(perms.get(_DOC_MDP))
    return certified or any(
        _is_living(inherited(field, "/V")) for field in _reachable(pdf)
    )


def _reachable(pdf: pikepdf.Pdf) -> Iterator[Any]:
    form = pdf.Root.get("/AcroForm")
    waiting = _dictionaries(form.get("/Fields")) if isinstance(form, Dictionary) else []
    for page in pdf.pages:
        waiting += _dictionaries(page.obj.get("/Annots"))
    seen: set[tuple[int, int]] = set()
    while waiting and len(seen) < _MOST_FIELDS:
        field = waiting.pop()
        if field.is_indirect and field.objgen in seen:
            continue
        seen.add(field.objgen if field.is_indirect else (0, len(seen)))
        yield field
        waiting += _dictionaries(field.get("/Kids"))


def _dictionaries(values: Any) -> list[Any]:
    if not isinstance(values, Array):
        return []
    return [value for value in values if isinstance(value, Dictionary)]


def _is_living(value: Any) -> bool:
    """A signature dictionary whose content is more than the zeros of a placeholder."""
    if not isinstance(value, Dictionary) or "/ByteRange" not in value:
        return False
    content = value.get("/Contents")
    return isinstance(content, pikepdf.String) and any(bytes(content))
