"""The tables that an agency may change, each as a declaration.

Kinds of paper, grounds of refusal, what a paper can be short of, what a budget bears of
the fee, and how numbers are written (``number_formats``). Start at ``TABLES``.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from intake.domain import number_formats
from intake.domain.declared import YES_NO, Column, DeclaredTable
from intake.domain.fee import FeeRule, supported
from intake.domain.intake_form import CHANNELS
from intake.domain.refusing import HELD, Ground
from intake.domain.table_rows import TableRow
from intake.domain.views.page import FieldError

KINDS, GROUNDS, LACKS = "kinds", "grounds", "lacks"
SUPPORT, NUMBERS = "support", "numbers"
OTHER_KIND: Final = "other"
"""The kind of whatever fits no other: a desk without it would turn papers away."""
OTHER_LACK: Final = "other"
"""What is missing and fits no other reason: words beside it say what it is."""
CERTIFIERS: Final = frozenset({"both", "certifier"})
CLERKS: Final = frozenset({"both", "clerk"})
OWN_GROUNDS: Final = frozenset({Ground.WITHDRAWN, "QBS", "NHAM"})
"""Codes that the desk itself writes down: their words may change, and nothing else."""
EXAMPLES: Final = (1, 3, 199)
NAME_CHARACTERS: Final = 80
LAW_CHARACTERS: Final = 500


def _kind_faults(row: TableRow, _known: Sequence[TableRow]) -> tuple[FieldError, ...]:
    if row.key == OTHER_KIND and row.values["used"] == "no":
        return (FieldError("used", "error.kind-other"),)
    return ()


def _lack_faults(row: TableRow, _known: Sequence[TableRow]) -> tuple[FieldError, ...]:
    if row.key == OTHER_LACK and row.values["used"] == "no":
        return (FieldError("used", "error.lack-other"),)
    return ()


def _ground_faults(row: TableRow, known: Sequence[TableRow]) -> tuple[FieldError, ...]:
    """What the law has held for a report stays held, whoever words it anew."""
    program = next((r for r in known if r.key == row.key and not r.agency), None)
    held = row.values["act"] == "hold"
    if program is not None and held != (row.key in HELD):
        return (FieldError("act", "error.ground-act"),)
    if row.key in OWN_GROUNDS and program and row.values["by"] != program.values["by"]:
        return (FieldError("by", "error.ground-own"),)
    if held and row.values["by"] in CLERKS:
        return (FieldError("by", "error.ground-held"),)
    return ()


def _support_faults(
    row: TableRow, _known: Sequence[TableRow]
) -> tuple[FieldError, ...]:
    if row.values["percent"] != "0" and not row.values["basis"]:
        return (FieldError("basis", "error.column-empty"),)
    return ()


def _both_names(row: TableRow, _fee: FeeRule) -> tuple[str, ...]:
    return tuple(filter(None, (row.values["vi"], row.values["en"])))


def _as_on_a_notice(row: TableRow, _fee: FeeRule) -> tuple[str, ...]:
    english = (f"{row.key}: {row.values['en']}",) if row.values["en"] else ()
    return (f"{row.key}: {row.values['vi']}", *english)


def _what_is_paid(row: TableRow, fee: FeeRule) -> tuple[str, ...]:
    paid = supported(fee, int(row.values["percent"]))
    return tuple(f"{n} tr.: {paid.fee(n):,} đ".replace(",", ".") for n in EXAMPLES)


TABLES: Final[Mapping[str, DeclaredTable]] = {
    table.slug: table
    for table in (
        DeclaredTable(
            KINDS,
            (
                Column("vi", NAME_CHARACTERS),
                Column("en", NAME_CHARACTERS, optional=True),
                Column("used", choices=YES_NO),
            ),
            _kind_faults,
            _both_names,
        ),
        DeclaredTable(
            GROUNDS,
            (
                Column("vi", LAW_CHARACTERS),
                Column("en", LAW_CHARACTERS, optional=True),
                Column("act", choices=("refuse", "hold")),
                Column("by", choices=("both", "certifier", "clerk", "nobody")),
            ),
            _ground_faults,
            _as_on_a_notice,
        ),
        DeclaredTable(
            LACKS,
            (
                Column("vi", LAW_CHARACTERS),
                Column("en", LAW_CHARACTERS, optional=True),
                Column("used", choices=YES_NO),
            ),
            _lack_faults,
            _both_names,
        ),
        DeclaredTable(
            SUPPORT,
            (
                Column("percent", figure=(0, 100)),
                Column("basis", optional=True),
            ),
            _support_faults,
            _what_is_paid,
            keys=CHANNELS,
        ),
        number_formats.TABLE,
    )
}
