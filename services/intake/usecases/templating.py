"""Templates of the papers that the office hands out: read, previewed, issued.

Start at ``Templating.issue``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from chassis.clock import Clock
from intake.domain import taking_back
from intake.domain.calendar import local_day
from intake.domain.handouts import language, samples, sheets, templates, values
from intake.domain.handouts.fields import FIELDS, Handout
from intake.domain.handouts.templates import NOTICE, HandoutTemplate
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.rules import Rules
from intake.domain.table_rows import TakenBack
from intake.domain.views.handouts import TemplateRow, TemplatesView, TemplateView
from intake.ports import HandoutTemplates, HandoutTypesetter


@dataclass(frozen=True, slots=True)
class Templating:
    """The administrator's page of templates, with the ports that it takes."""

    own: HandoutTemplates
    defaults: Sequence[HandoutTemplate]
    """The templates that come with the program."""
    typesetter: HandoutTypesetter
    rules: Rules
    qr: Callable[[str], str]
    clock: Clock

    async def overview(self, by: Actor) -> TemplatesView:
        known, today = await self._known(by), local_day(self.clock())
        rows = [_row(known, handout, today) for handout in Handout]
        return TemplatesView(tuple(rows))

    async def template(self, handout: Handout, by: Actor) -> TemplateView:
        """One template with its versions, and the text of the latest of them."""
        known, today = await self._known(by), local_day(self.clock())
        ordered = templates.versions(known, handout)
        latest = max(ordered, key=lambda each: (bool(each.agency), each.valid_from))
        return TemplateView(
            row=_row(known, handout, today),
            rows=tuple(_row(known, each, today) for each in Handout),
            text=latest.text,
            valid_from=today + NOTICE,
            fields=tuple(sorted(FIELDS[handout])),
            versions=ordered,
        )

    async def issue(
        self, handout: Handout, text: str, valid_from: date, by: Actor
    ) -> HandoutTemplate:
        """Use this text for what begins on *valid_from* or later. Raises BadTemplate
        with each line's fault, NotAllowed for a day that has begun.
        """
        template, note = templates.issued(
            handout, text, valid_from, by=by, at=self.clock()
        )
        await self.own.issue(template, note)
        return template

    async def take_back(self, seq: int, by: Actor) -> TakenBack:
        """A planned version will not hold. Raises Conflict, NotAllowed, NotFound."""
        now = self.clock()

        def decide(own: tuple[HandoutTemplate, ...]) -> tuple[TakenBack, Note]:
            return taking_back.taken_back(own, "templates", seq, by, now)

        return await self.own.take_back(by.agency, seq, decide)

    async def preview(self, handout: Handout, text: str, by: Actor) -> bytes:
        """A PDF of the text with invented words. Raises BadTemplate."""
        facts = await self._sample(handout, text, by)
        return await self.typesetter.pdf(facts, self.clock())

    async def picture(self, handout: Handout, by: Actor) -> bytes:
        """The first page of the version that holds today, as PNG."""
        known, today = await self._known(by), local_day(self.clock())
        template, _ = templates.in_force(known, handout, today)
        facts = await self._sample(handout, template.text, by)
        return await self.typesetter.picture(facts, self.clock())

    async def _known(self, by: Actor) -> tuple[HandoutTemplate, ...]:
        return (*self.defaults, *await self.own.of(by.agency))

    async def _sample(
        self, handout: Handout, text: str, by: Actor
    ) -> dict[str, object]:
        parsed, now = language.parse(text, handout), self.clock()
        agency, known = self.rules.agency(by.agency), await self._known(by)
        template = templates.in_force(known, handout, local_day(now))
        always = values.always(agency, template, now)
        qr = self.qr("H99.42.05.13-261123-0004")
        return sheets.filled(parsed, samples.filling(handout, agency, always, qr=qr))


def _row(
    known: Sequence[HandoutTemplate], handout: Handout, today: date
) -> TemplateRow:
    used, ordinal = templates.in_force(known, handout, today)
    later = [
        each.valid_from
        for each in templates.versions(known, handout)
        if each.valid_from > today
    ]
    return TemplateRow(
        handout=handout,
        ordinal=ordinal,
        valid_from=used.valid_from,
        own=bool(used.agency),
        by=used.by,
        next_from=min(later, default=None),
    )
