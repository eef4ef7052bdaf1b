"""A file that has arrived is rebuilt, or refused with its reason, in one hand at once.

After a crash it is simply done again: what a file is made of is named by digests. Start
at ``Settling.settle``.
"""

from dataclasses import dataclass, replace
from functools import partial

from chassis.clock import Clock
from intake.domain import paper_files, replacing
from intake.domain.files import StoredFile
from intake.domain.scan import ScanRefused
from intake.ports import Cases, Leases, Rebuilder


@dataclass(frozen=True, slots=True)
class Settling:
    """What finds out whether a stored file counts, with the ports that it takes."""

    cases: Cases
    leases: Leases
    rebuilder: Rebuilder
    clock: Clock

    async def settle(self, file: StoredFile) -> StoredFile:
        """Rebuild a stored file, or say why not. One that is in another's hand is left
        to them, and stays as it is here. Raises Trouble.
        """
        # The lease is for cost, not for truth: two that rebuild the same file at once
        # come to the same bytes under the same key, and ``settle_file`` takes the
        # first.
        async with self.leases.hold(file.id) as mine:
            return await self._rebuilt(file) if mine else file

    async def settle_rest(self) -> tuple[str, ...]:
        """What a crash or trouble cut short, oldest first; ids of those still hindered.
        Several may do this at once: each takes what no other has.
        """
        hindered: list[str] = []
        for file in await self.leases.free():
            try:
                await self.settle(file)
            except Exception:  # noqa: BLE001 - whatever it is, the others go on
                hindered.append(file.id)
        return tuple(hindered)

    async def refuse(self, file: StoredFile, refusal: ScanRefused) -> StoredFile:
        refused = replace(
            file,
            state="refused",
            fault=str(refusal.fault),
            detail=refusal.detail,
            coming=(),
        )
        return await self._store(refused)

    async def _rebuilt(self, file: StoredFile) -> StoredFile:
        coming = partial(self.leases.note_coming, file.id)
        try:
            part = await self.rebuilder.rebuild(file.name, file.raw, coming=coming)
        except ScanRefused as refusal:
            return await self.refuse(file, refusal)
        # Part and pictures are durable, named by their digests, and no row knows them
        # yet. A crash here costs a second rebuild, which puts the same objects again.
        return await self._store(replace(file, state="good", part=part, coming=()))

    async def _store(self, file: StoredFile) -> StoredFile:
        if file.state == "good" and file.replaces is not None:
            await self.cases.rearrange(
                file.document, lambda case: replacing.settled(case, file, self.clock())
            )
            return file
        await self.cases.change(
            file.document,
            lambda document: paper_files.settle_file(document, file, self.clock()),
        )
        return file
