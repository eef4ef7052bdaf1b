"""Names that do something: none of them may stand in a copy (ISO 32000-1 §12.6).

The whitelists would refuse each of them too; a person hears the graver reason first.
"""

from collections.abc import Iterable
from typing import Final

from storage.domain.gate.pdf.objects import Obj
from storage.domain.gate.pdf.tokens import Value
from storage.domain.gate.refusal import refuse

ACTIVE: Final = frozenset(
    b"/" + name
    for name in (
        b"3D A AA AF Action Alternates Collection DA DR Dests EmbeddedFile"
        b" EmbeddedFiles Encrypt FileAttachment Filespec FreeText GoTo GoTo3DView"
        b" GoToE GoToR Group Hide Highlight ImportData JS JavaScript Launch Link"
        b" Movie Named Names NeedAppearances Next OCG OCMD OCProperties OpenAction"
        b" Outlines PRC PS Popup Redact Rendition ResetForm RichMedia Screen"
        b" SetOCGState SMask Sound Stamp SubmitForm Thread Trans U3D URI XFA"
    ).split()
)
"""Actions, scripts, attachments, layers, media, annotations, masks, encryption."""
HIDING: Final = frozenset({b"/ObjStm", b"/XRef"})


def check_names(objects: Iterable[Obj]) -> None:
    for obj in objects:
        stack: list[Value] = [obj.value]
        while stack:
            item = stack.pop()
            if isinstance(item, dict):
                _check_keys(item)
                stack.extend(item.values())
            elif isinstance(item, list):
                stack.extend(item)
            elif item in ACTIVE:
                refuse("active-content", item)
            elif item in HIDING:
                refuse("object-stream", item)


def _check_keys(item: dict[bytes, Value]) -> None:
    active = ACTIVE & item.keys()
    if active:
        refuse("active-content", min(active))
