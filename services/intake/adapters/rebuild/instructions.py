"""A content stream as instructions: operators with their operands (ISO 32000-1, 7.8.2).

Here is how they are written, and which of them mark nothing; what the others do to the
page stands in ``content``, which alone uses this.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

# Neither is an operator's name: those have no spaces.
INLINE_IMAGE: Final = "inline image"
SLIP: Final = "careless number"
_SLIP: Final = re.compile(r"([+-]?)[+-]*(\d+\.?\d*|\.\d+)(?:-[\d.]*)?")
"""A number as careless writers put it (``--5``, ``5-3``): an operator to qpdf, a number
to viewers. The page is drawn; here it only says where an image is."""
SILENT: Final = frozenset(
    {
        *("h", "w", "J", "j", "M", "d", "ri", "i", "BT", "ET", "d0", "d1", "BX", "EX"),
        *("Tc", "Tw", "Tz", "TL", "Tf", "Ts", "Td", "TD", "Tm", "T*"),
        *("G", "RG", "K", "CS", "SC", "SCN", "MP", "DP"),
    }
)
"""Operators that mark nothing by themselves. An unknown one counts as visible."""


def instructions(stream: Any) -> Iterator[tuple[str, list[Any]]]:
    """Each operator with its operands. A careless number comes as ``SLIP``, and once
    more among the operands of the operator behind it. Raises PdfError if the stream
    cannot be parsed.
    """
    slips: list[Any] = []
    for instruction in pikepdf.parse_content_stream(stream):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            yield INLINE_IMAGE, []
            continue
        operator = bytes(instruction.operator).decode("latin-1")
        operands = [*slips, *instruction.operands]
        slips = []
        if (slip := _SLIP.fullmatch(operator)) is not None:
            slips = [*operands, float(slip[1] + slip[2])]
            yield SLIP, []
            continue
        yield operator, operands
