"""What has changed since the version from which a form was made."""

from dataclasses import dataclass

from intake.domain import differing
from intake.domain.differing import Difference
from intake.domain.people import Actor
from intake.ports import Cases, Superseded
from intake.usecases.own import own_case, own_document


@dataclass(frozen=True, slots=True)
class Differing:
    """Earlier versions held against the present, with the ports that this takes."""

    cases: Cases
    superseded: Superseded

    async def paper(
        self, document: str, version: int, by: Actor
    ) -> tuple[Difference, ...]:
        """None where nothing is known of that version any more. Raises NotFound."""
        known = await own_document(document, by, self.cases)
        before = await self.superseded.at(document, version)
        return differing.differences(before or {}, differing.of_paper(known))

    async def case(self, code: str, version: int, by: Actor) -> tuple[Difference, ...]:
        """The same for a form about the whole case."""
        known = await own_case(code, by, self.cases)
        papers = await self.cases.documents(code)
        before = await self.superseded.at(code, version)
        return differing.differences(
            before or {}, differing.of_case(known, len(papers))
        )
