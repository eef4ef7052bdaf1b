"""Another agency's cases do not exist here: every use case looks this way first."""

from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, NotFound
from intake.ports import Cases


def check_agency(agency: str, by: Actor) -> None:
    """Raises NotFound unless it is the agency of *by*."""
    if agency != by.agency:
        raise NotFound(agency)


async def own_case(code: str, by: Actor, cases: Cases) -> Case:
    """The case of that code. Raises NotFound, also for another agency's."""
    known = await cases.case(code)
    check_agency(known.agency, by)
    return known


async def own_document(document: str, by: Actor, cases: Cases) -> CaseDocument:
    """The document of that id. Raises NotFound, also for another agency's."""
    known = await cases.document(document)
    check_agency(known.agency, by)
    return known
