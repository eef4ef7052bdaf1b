"""A due hour is put off: on a ground that the law knows, before the hour has come, and
by more than a few days only with the requester's agreement in writing (Decree
23/2015/ND-CP, article 21). Pure; start at ``extend``.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from intake.domain import desk, states
from intake.domain.case_history import Agreement, Extension
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Note
from intake.domain.states import NotAllowed
from intake.domain.stepping import CaseOnDesk, Rearranged

MOST_AGREEMENTS: Final = 5
"""Files of one case; each is checked and kept."""


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """What the law allows from a day on."""

    valid_from: date
    days: int
    """Working days without an agreement, all extensions of one clock together."""
    agreed_days: int
    grounds: tuple[str, ...]
    """Slugs under ``extension.`` in the catalogues."""


@dataclass(frozen=True, slots=True)
class ExtensionForm:
    """What a clerk states."""

    ground: str
    days: int
    """Working days; 0 where nothing that can be read was typed."""
    agreement: str
    """The agreement's id; empty without one."""
    version: int


def parse(table: str) -> tuple[ExtensionRule, ...]:
    """The rules, newest first. Raises KeyError, TypeError, ValueError."""
    rows = tomllib.loads(table)["rules"]
    rules = (ExtensionRule(**row | {"grounds": tuple(row["grounds"])}) for row in rows)
    return tuple(sorted(rules, key=lambda rule: rule.valid_from, reverse=True))


def in_force(rules: Iterable[ExtensionRule], day: date) -> ExtensionRule:
    """A case keeps the rule of its day. Raises NotAllowed before the first one."""
    found = next((rule for rule in rules if rule.valid_from <= day), None)
    if found is None:
        raise NotAllowed("error.extend-rule")
    return found


def extend(
    case: CaseOnDesk,
    form: ExtensionForm,
    by: Actor,
    at: datetime,
    *,
    rule: ExtensionRule,
    due: datetime,
) -> Rearranged:
    """The case, due at *due* from now on.

    Raises Conflict for a form that is older than the case, NotAllowed where nothing can
    be put off any more, and for a form with ``faults``.
    """
    desk.check_case_version(case.case, form.version)
    check_may_extend(case.case, case.documents, at)
    wrong = faults(form, case.case, rule)
    if wrong:
        raise NotAllowed(next(iter(wrong.values())), most=days_left(case.case, rule))
    before = case.case
    made = Extension(
        days=form.days,
        ground=form.ground,
        agreement=form.agreement,
        by=by.name,
        at=at,
        due_before=before.due_at,
        due_at=due,
    )
    after = replace(before, extensions=(*before.extensions, made), due_at=due)
    said = due.isoformat()
    note = _note(
        before, "extended", by, at, ground=made.ground, days=made.days, due=said
    )
    return Rearranged(case=_touched(after, by, at), notes=(note,))


def attach(
    case: CaseOnDesk, agreement: Agreement, by: Actor, at: datetime
) -> Rearranged:
    """The case with the requester's agreement in writing. The same bytes twice are one
    agreement. Raises NotAllowed where nothing can be put off any more.
    """
    known = case.case.agreements
    if any(each.raw == agreement.raw for each in known):
        return Rearranged()
    check_takes(case.case, case.documents, at)
    after = replace(case.case, agreements=(*known, agreement))
    note = _note(case.case, "agreement-attached", by, at, pages=agreement.pages)
    return Rearranged(case=_touched(after, by, at), notes=(note,))


def check_takes(case: Case, documents: Iterable[CaseDocument], at: datetime) -> None:
    """Raises NotAllowed where the case takes no agreement."""
    check_may_extend(case, documents, at)
    if len(case.agreements) >= MOST_AGREEMENTS:
        raise NotAllowed("error.agreements", most=MOST_AGREEMENTS)


def check_may_extend(
    case: Case, documents: Iterable[CaseDocument], at: datetime
) -> None:
    """Raises NotAllowed: what is late stays late, and a clock that stands has nothing
    to put off.
    """
    if case.supplement is not None:
        raise NotAllowed("error.extend-stands")
    if not any(document.state in states.OPEN for document in documents):
        raise NotAllowed("error.extend-over")
    if at > case.due_at:
        raise NotAllowed("error.extend-late")


def may_extend(case: Case, documents: Iterable[CaseDocument], at: datetime) -> bool:
    try:
        check_may_extend(case, documents, at)
    except NotAllowed:
        return False
    return True


def standing(case: Case) -> tuple[Extension, ...]:
    """The extensions of the clock that runs now; one that started anew has none."""
    return tuple(each for each in case.extensions if each.at >= case.complete_at)


def latest(case: Case) -> Extension | None:
    """The last extension of the clock that runs now."""
    return next(iter(reversed(standing(case))), None)


def days_left(case: Case, rule: ExtensionRule) -> int:
    """Working days that need no agreement."""
    return max(0, rule.days - sum(each.days for each in standing(case)))


def unused(case: Case) -> tuple[Agreement, ...]:
    """Agreements on which no extension rests yet: each says how far it goes."""
    used = {each.agreement for each in case.extensions}
    return tuple(each for each in case.agreements if each.id not in used)


def faults(form: ExtensionForm, case: Case, rule: ExtensionRule) -> dict[str, str]:
    """Field → key of its sentence, for what the form lacks, in the page's order."""
    found: dict[str, str] = {}
    if form.ground not in rule.grounds:
        found["ground"] = "error.extend-ground"
    if not 1 <= form.days <= rule.agreed_days:
        found["days"] = "error.extend-days"
    agreed = form.agreement in {each.id for each in unused(case)}
    if (form.agreement or form.days > days_left(case, rule)) and not agreed:
        found["agreement"] = "error.extend-agreement"
    return found


def _touched(case: Case, by: Actor, at: datetime) -> Case:
    return replace(case, version=case.version + 1, changed_by=by.name, changed_at=at)


def _note(
    case: Case, action: str, by: Actor, at: datetime, **values: str | int
) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=case.agency,
        action=action,
        case=case.code,
        address=by.address,
        values=values,
    )
