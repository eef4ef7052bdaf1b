"""What sets and counts the papers that the office hands out, bound to its ports.

Start at ``printing``; ``default_templates`` are the files that come with the program.
"""

import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import segno

from chassis.clock import Clock
from chassis.database import Database
from intake.adapters.spreadsheets import XlsxSpreadsheets
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.closings import SqlClosings
from intake.adapters.sql.handout_templates import SqlHandoutTemplates
from intake.domain.handouts import language
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.templates import HandoutTemplate
from intake.domain.rules import Rules
from intake.ports import HandoutTypesetter
from intake.usecases.bookkeeping import Bookkeeping
from intake.usecases.printing import Printing
from intake.usecases.templating import Templating
from intake.web import create_renderer

FILES: Final = Path(__file__).parents[1] / "tables" / "handouts"


@dataclass(frozen=True, slots=True)
class OfficePapers:
    """The use cases of papers and of the book."""

    printing: Printing
    bookkeeping: Bookkeeping
    templating: Templating


def office(
    store: Database, typesetter: HandoutTypesetter, rules: Rules, clock: Clock
) -> OfficePapers:
    templates, defaults = SqlHandoutTemplates(store), default_templates()
    closings, words = SqlClosings(store), vietnamese
    return OfficePapers(
        Printing(
            cases=SqlCases(store),
            templates=templates,
            defaults=defaults,
            typesetter=typesetter,
            audit=closings,
            rules=rules,
            words=words,
            qr=qr,
            clock=clock,
        ),
        Bookkeeping(
            closings=closings,
            templates=templates,
            defaults=defaults,
            typesetter=typesetter,
            spreadsheets=XlsxSpreadsheets(),
            rules=rules,
            words=words,
            clock=clock,
        ),
        Templating(
            own=templates,
            defaults=defaults,
            typesetter=typesetter,
            rules=rules,
            qr=qr,
            clock=clock,
        ),
    )


@cache
def default_templates() -> tuple[HandoutTemplate, ...]:
    """The committed files, each named by the day from which it holds. Raises
    BadTemplate for one that cannot be used, so that no service starts with it.
    """
    found = []
    for handout in Handout:
        for path in sorted((FILES / handout).glob("*.txt")):
            text = path.read_text("utf-8")
            language.parse(text, handout)
            day = date.fromisoformat(path.stem)
            found.append(HandoutTemplate(handout, day, text))
    return tuple(found)


def qr(text: str) -> str:
    """The code of *text* as SVG; level M survives a fold of the paper."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", border=0)
    return drawn.getvalue().decode()


def vietnamese(key: str, **values: str | int) -> str:
    """Papers of an office are in Vietnamese, whoever prints them."""
    return create_renderer().pages.words["vi"](key, **values)
