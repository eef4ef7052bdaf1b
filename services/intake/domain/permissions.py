"""What the viewer may do with a paper now, and why not."""

from datetime import datetime

from intake.domain import desk, duties, handing, ordering, states
from intake.domain.agencies import AgencyEntry, NoOffice
from intake.domain.certifying import check_may_certify
from intake.domain.duties import Duty
from intake.domain.people import Actor, Role
from intake.domain.records import CaseDocument, NotFound
from intake.domain.rules import Rules
from intake.domain.states import NotAllowed, State


def why_not(
    document: CaseDocument, rules: Rules, viewer: Actor, at: datetime
) -> str | None:
    """Slug why *viewer* cannot approve this paper; None when they can, and for an
    examiner, who is not there to.
    """
    certifies = duties.may(viewer.roles, Duty.CERTIFY)
    if duties.may(viewer.roles, Duty.EXAMINE) and not certifies:
        return None
    try:
        check_may_certify(document, rules.agency_on(viewer.agency, at), viewer)
        rules.identities(viewer, at, document.paper.kind)
    except NotAllowed as refusal:
        return refusal.key.removeprefix("error.")
    except NoOffice:
        return "no-office"
    return None


def may_sign(rules: Rules, viewer: Actor, at: datetime) -> bool:
    """Their office, their agency and both certificates hold at that instant."""
    try:
        rules.identities(viewer, at)
    except (NotAllowed, NoOffice, NotFound):
        return False
    return True


def blockers_of(document: CaseDocument) -> tuple[str, ...]:
    """What still keeps a paper that can be worked on from being submitted."""
    return desk.blockers(document) if document.state in states.EDITABLE else ()


def acts_open_to(
    document: CaseDocument, rules: Rules, viewer: Actor, now: datetime
) -> frozenset[str]:
    """The acts whose buttons this person sees beside the paper. A button is no
    permission: each use case checks again.
    """
    may: set[str] = set()
    if Role.CLERK in viewer.roles:
        may |= _clerk_may(document)
    if Role.CERTIFIER in viewer.roles:
        may |= _certifier_may(document, rules, viewer, now)
    if may_examine(rules.agency(viewer.agency), viewer):
        may |= {"send-back"} if document.state is State.AWAITING else set()
    return frozenset(may)


def may_examine(agency: AgencyEntry, viewer: Actor) -> bool:
    """Whether they look papers through for the certifier, if the agency has it so."""
    return agency.examination and duties.may(viewer.roles, Duty.EXAMINE)


def _clerk_may(document: CaseDocument) -> set[str]:
    may = {"give-back"} if handing.may_give_back(document) else set()
    if document.state is State.ISSUED:
        return may | {"hand-over"}
    if document.state not in states.EDITABLE:
        return may
    blockers = desk.blockers(document)
    may |= {"upload", "remove", "arrange"}
    if blockers == ("not-compared",):
        may.add("compare")
    if not blockers:
        may.add("submit")
    return may


def _certifier_may(
    document: CaseDocument, rules: Rules, viewer: Actor, now: datetime
) -> set[str]:
    if document.state is State.AWAITING:
        try:
            check_may_certify(document, rules.agency_on(viewer.agency, now), viewer)
        except NotAllowed:
            return {"refuse", "send-back"}
        return {"approve", "refuse", "send-back"}
    try:
        ordering.check_stands_still(document, rules.patience, now)
    except NotAllowed:
        return set()
    return {"order-again", "void"}
