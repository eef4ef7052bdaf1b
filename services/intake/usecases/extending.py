"""A due hour is put off, and the agreement in writing on which that may rest.

The agreement is a file like a scan: it is met by the sandbox alone, and what is shown
of it is rebuilt of page images. Start at ``Extending.extend``.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from chassis.clock import Clock
from ecopy.identifiers import ObjectRef
from intake.domain import desk, extending, numbers, text
from intake.domain.case_history import Agreement
from intake.domain.extending import ExtensionForm
from intake.domain.people import Actor
from intake.domain.records import Case, NotFound
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault, ScanRefused
from intake.domain.stepping import CaseOnDesk, Rearranged
from intake.domain.views.casework import ExtensionView
from intake.domain.views.page import choices
from intake.ports import Arrangements, Cases, Rebuilder, Scans
from intake.usecases.files import NewId, store_raw
from intake.usecases.own import check_agency, own_case


@dataclass(frozen=True, slots=True)
class Extending:
    """Extensions of a case, with the ports that they take."""

    cases: Cases
    arrangements: Arrangements
    scans: Scans
    rebuilder: Rebuilder
    rules: Rules
    new_id: NewId
    clock: Clock

    async def extend(self, code: str, form: ExtensionForm, by: Actor) -> Rearranged:
        """Put the due hour off. Raises Conflict, NotAllowed, NotFound."""

        def decide(case: CaseOnDesk) -> Rearranged:
            check_agency(case.case.agency, by)
            rule = self.rules.extension_rule(case.case.received_at)
            due = self._put_off(case.case, min(form.days, rule.agreed_days))
            now = self.clock()
            return extending.extend(case, form, by, now, rule=rule, due=due)

        return await self.arrangements.change(code, decide)

    async def attach(
        self, code: str, name: str, chunks: AsyncIterator[bytes], by: Actor
    ) -> Agreement:
        """Keep the requester's agreement with the case. Safe to repeat: the same bytes
        are the same agreement, which is returned.

        Raises ScanRefused for a file that cannot be kept, Trouble for what is this
        machine's fault, QueueFull, NotAllowed, NotFound; nothing is attached then.
        """
        with self.rebuilder.reserve_room():
            case = await own_case(code, by, self.cases)
            documents = await self.cases.documents(code)
            extending.check_takes(case, documents, self.clock())
            raw = await store_raw(self.scans, chunks, self.rules.file_bytes)
            # The bytes are durable, and no row names them. A crash from here to the
            # commit leaves objects that nobody uses, and they are removed as such; the
            # clerk had no answer and sends the file again.
            agreement = await self._rebuilt(text.file_name(name), raw, by)

            def decide(known: CaseOnDesk) -> Rearranged:
                check_agency(known.case.agency, by)
                return extending.attach(known, agreement, by, self.clock())

            await self.arrangements.change(code, decide)
        known = (await own_case(code, by, self.cases)).agreements
        return next(each for each in known if each.raw == raw)

    async def view(self, code: str, by: Actor) -> ExtensionView:
        """The form. Raises NotFound, and NotAllowed where nothing can be put off."""
        case = await own_case(code, by, self.cases)
        documents, now = await self.cases.documents(code), self.clock()
        extending.check_may_extend(case, documents, now)
        rule = self.rules.extension_rule(case.received_at)
        left = extending.days_left(case, rule)
        return ExtensionView(
            code=code,
            short_code=numbers.short_code(code),
            requester=case.requester.name,
            version=case.version,
            due_at=case.due_at,
            now=now,
            grounds=choices("extension", rule.grounds),
            offers=tuple((n, self._put_off(case, n)) for n in range(1, left + 1)),
            agreed_days=rule.agreed_days,
            agreements=extending.unused(case),
            takes=len(case.agreements) < extending.MOST_AGREEMENTS,
        )

    async def faults(self, code: str, form: ExtensionForm, by: Actor) -> dict[str, str]:
        """What a form lacks, as ``extending.faults``. Raises Conflict for one that is
        older than the case: who was first comes before what is missing.
        """
        case = await own_case(code, by, self.cases)
        desk.check_case_version(case, form.version)
        rule = self.rules.extension_rule(case.received_at)
        return extending.faults(form, case, rule)

    async def agreement(self, code: str, name: str, by: Actor) -> bytes:
        """The agreement as PDF of page images. Raises NotFound, also once it was given
        up with the scans of its case.
        """
        case = await own_case(code, by, self.cases)
        found = next((each for each in case.agreements if each.id == name), None)
        first = next(iter(await self.cases.documents(code)))
        if found is None or first.scans_removed_at is not None:
            raise NotFound(name)
        return await self.scans.get(found.rebuilt.key)

    def _put_off(self, case: Case, days: int) -> datetime:
        return self.rules.put_off(case.agency, case.due_at, days)

    async def _rebuilt(self, name: str, raw: ObjectRef, by: Actor) -> Agreement:
        if raw.size > self.rules.file_bytes:
            raise ScanRefused(ScanFault.TOO_LARGE, name)
        part = await self.rebuilder.rebuild(name, raw)
        return Agreement(
            id=self.new_id(),
            name=name,
            raw=raw,
            rebuilt=part.ref,
            pages=len(part.pages),
            pictures=(*part.thumbs, *part.previews),
            by=by.name,
            at=self.clock(),
        )
