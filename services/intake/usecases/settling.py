"""What becomes of a stored file: rebuilt and good, or refused with its reason.

What is inside a file is found by the rebuild, behind ``ports.Rebuilder``. Start at
``settle``.
"""

from dataclasses import replace
from functools import partial

from chassis.clock import Clock
from intake.domain import paper_files, replacing
from intake.domain.files import StoredFile
from intake.domain.scan import ScanRefused
from intake.ports import Cases, Leases, Rebuilder


async def settle(
    file: StoredFile,
    *,
    leases: Leases,
    cases: Cases,
    rebuilder: Rebuilder,
    clock: Clock,
) -> StoredFile:
    """Rebuild a stored file, or say why not; after a crash it is simply done again.
    One that is in another's hand is left to them, and stays as it is here.
    """
    # The lease is for cost, not for truth: two that rebuild the same file at once come
    # to the same bytes under the same key, and ``settle_file`` takes the first.
    async with leases.hold(file.id) as mine:
        if not mine:
            return file
        return await _rebuild(
            file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
        )


async def settle_rest(
    *, leases: Leases, cases: Cases, rebuilder: Rebuilder, clock: Clock
) -> tuple[str, ...]:
    """What a crash or trouble cut short, oldest first; ids of those still hindered.
    Several may do this at once: each takes what no other has.
    """
    hindered: list[str] = []
    for file in await leases.free():
        try:
            await settle(
                file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
            )
        except Exception:  # noqa: BLE001 - whatever it is, the others go on
            hindered.append(file.id)
    return tuple(hindered)


async def _rebuild(
    file: StoredFile,
    *,
    leases: Leases,
    cases: Cases,
    rebuilder: Rebuilder,
    clock: Clock,
) -> StoredFile:
    try:
        part = await rebuilder.rebuild(
            file.name, file.raw, coming=partial(leases.note_coming, file.id)
        )
    except ScanRefused as refusal:
        return await refuse(file, refusal, cases=cases, clock=clock)
    # Part and pictures are durable, named by their digests, and no row knows them yet.
    # A crash here costs a second rebuild, which puts the same objects again.
    good = replace(file, state="good", part=part, coming=())
    return await _settle(good, cases=cases, clock=clock)


async def refuse(
    file: StoredFile, refusal: ScanRefused, *, cases: Cases, clock: Clock
) -> StoredFile:
    """The file does not count; its raw bytes stay as evidence."""
    refused = replace(
        file,
        state="refused",
        fault=str(refusal.fault),
        detail=refusal.detail,
        coming=(),
    )
    return await _settle(refused, cases=cases, clock=clock)


async def _settle(file: StoredFile, *, cases: Cases, clock: Clock) -> StoredFile:
    if file.state == "good" and file.replaces is not None:
        await cases.rearrange(
            file.document, lambda case: replacing.settled(case, file, clock())
        )
        return file
    await cases.change(
        file.document, lambda document: paper_files.settle_file(document, file, clock())
    )
    return file
