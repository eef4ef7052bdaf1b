# ruff: noqa: ARG002 - a fake has the port's arguments
"""The story of a copy over fakes that keep the ports' promises."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from ecopy.events import (
    CertificationClosed,
    CopyRejected,
    CopySealed,
    SignatureSummary,
)
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance, Reason, Refusal, Setback, Trouble, cause_of
from signing import usecases
from signing.domain.attempts import Attempt, AttemptOutcome, EntryHistory, Fate
from signing.domain.copies import Draft, OrderedOriginal, SealedCopy
from signing.domain.rope import MemoryOctets, Rope
from signing.domain.signatories import Signatories, Signatory
from support import build

BOTH = Signatories(
    Signatory("officer", "o", build.digest(b"officer")),
    Signatory("seal", "s", build.digest(b"seal")),
)


def summary(role):
    return SignatureSummary(
        role=role,
        subject_name="a",
        issuer_name="b",
        serial="1",
        certificate_sha256=build.digest(),
        signed_at=build.NOON,
        tsa_name="t",
        level="B-LT",
    )


@dataclass
class World:
    """Every port at once, and what happened, in order."""

    happened: list[str] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    winner: AttemptOutcome | None = None
    revision: int = 0
    outcomes: dict[str, AttemptOutcome] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    published: list[object] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    rival: AttemptOutcome | None = None
    """Concluded by another process while this one seals."""

    def _do(self, what: str) -> None:
        self.happened.append(what)
        if what in self.fails:
            raise self.fails[what]

    # originals, composer, sealer
    @asynccontextmanager
    async def open(self, ref: ObjectRef) -> AsyncIterator[OrderedOriginal]:
        self._do("read")
        yield OrderedOriginal(MemoryOctets(b"original"), ref.sha256)

    async def compose(self, original, order, at) -> Draft:
        self._do("compose")
        return Draft(Rope([original.content]), 2)

    def signatories(self, order, at) -> Signatories:
        self._do("signatories")
        return BOTH

    async def prepare(self, signatories, level) -> None:
        self._do("prepare")

    async def seal(self, draft, signatories) -> SealedCopy:
        self._do("seal")
        if self.rival is not None:
            self.winner = self.rival
        content = b"sealed " + uuid4().bytes
        return SealedCopy(
            Rope([MemoryOctets(content)]),
            hashlib.sha256(content).hexdigest(),
            (summary("officer"), summary("seal")),
            build.NOON,
        )

    # copies
    def ref(self, entry, copy) -> ObjectRef:
        return build.ref(bytes(copy.content), "copies")

    async def write(self, ref, copy) -> None:
        self._do("write")
        self.stored[ref.key] = bytes(copy.content)

    async def holds(self, ref) -> bool:
        return ref.key in self.stored

    async def destroy(self, ref) -> None:
        self._do("destroy")
        self.stored.pop(ref.key, None)

    # journal
    async def history(self, entry) -> EntryHistory:
        loose = tuple(o for k, o in self.outcomes.items() if k not in self.settled)
        lost = tuple(o for k, o in self.outcomes.items() if k in self.lost)
        orders = {o.revision: o.order_sha256 for o in self.outcomes.values()}
        return EntryHistory(self.revision, self.winner, loose, lost, orders=orders)

    async def note_order(self, entry, revision) -> None:
        self._do("note")
        self.revision = max(self.revision, revision)

    async def record_intent(self, attempt: Attempt) -> None:
        self._do("intend")
        self.revision = max(self.revision, attempt.revision)

    async def record_failure(self, attempt, why) -> None:
        self._do("failed")

    async def record_outcome(self, outcome: AttemptOutcome) -> None:
        self._do("record")
        self.outcomes[str(outcome.attempt)] = outcome

    async def conclude(self, outcome: AttemptOutcome, event: CopySealed) -> Fate:
        self._do("conclude")
        key = str(outcome.attempt)
        if self.winner is None and key not in self.lost:
            self.winner = outcome
            self.settled.add(key)
            self.published.append(event)
            return Fate.COPY
        return await self._decided(outcome)

    async def write_off(self, outcome: AttemptOutcome) -> Fate:
        self._do("write off")
        return await self._decided(outcome)

    async def _decided(self, outcome: AttemptOutcome) -> Fate:
        if self.winner is not None and self.winner.copy_ref == outcome.copy_ref:
            return Fate.COPY
        self.settled.add(str(outcome.attempt))
        self.lost.add(str(outcome.attempt))
        return Fate.BEATEN if self.winner is not None else Fate.LOST

    async def announce(self, event, revision) -> None:
        self.revision = max(self.revision, revision)
        if event.id not in {before.id for before in self.published}:
            self.published.append(event)

    async def announce_copy(self, copy, event) -> bool:
        if self.winner != copy:
            return False
        await self.announce(event, event.revision)
        return True

    async def withdraw(self, entry, copy, reason):
        outcomes = self.outcomes.values()
        over = tuple(o for o in outcomes if o.copy_ref.sha256 == copy)
        self.winner = None if self.winner in over else self.winner
        self.lost |= {str(outcome.attempt) for outcome in over}
        return over

    async def close(self, entry, revision):
        self.winner = None
        return tuple(self.outcomes.values())


def certify(world, clock=lambda: build.NOON):
    return partial(
        usecases.certify,
        originals=world,
        composer=world,
        sealer=world,
        copies=world,
        journal=world,
        clock=clock,
        chance=uuid4,
    )


async def test_the_story_in_its_order():
    """The intent is durable before a key is used, the outcome before the store."""
    world = World()
    await certify(world)(build.ordered())
    assert world.happened == [
        "signatories",
        "read",
        "compose",
        "prepare",
        "intend",
        "seal",
        "record",
        "write",
        "conclude",
    ]
    (event,) = world.published
    assert event.copy_ref.key in world.stored
    assert event.entry == build.ENTRY


async def test_a_redelivery_seals_nothing_again():
    world, order = World(), build.ordered()
    await certify(world)(order)
    await certify(world)(order)
    assert world.happened.count("seal") == 1
    assert len(world.published) == 1


async def test_an_order_that_is_repeated_is_answered_again():
    """The stream was lost, and intake says the same under a new event id: the copy that
    exists is announced once more for it, however often that one is delivered.
    """
    world = World()
    await certify(world)(build.ordered())
    repeated = build.ordered()
    await certify(world)(repeated)
    await certify(world)(repeated)
    first, again = world.published
    assert world.happened.count("seal") == 1
    assert (again.copy_ref, again.revision) == (first.copy_ref, 1)
    assert again.id != first.id


async def test_the_same_revision_of_another_paper_halts():
    """A register put back from yesterday gives the number to another paper: no copy is
    made, none is announced, and the desk hears it.
    """
    world = World()
    await certify(world)(build.ordered())
    with pytest.raises(Refusal) as caught:
        await certify(world)(build.ordered(original=build.ref(b"another")))
    assert caught.value.reason is Reason.OTHER_COPY_ARCHIVED
    assert cause_of(caught.value.detail) == ("another-order-sealed", {"revision": "1"})
    assert len(world.published) == 1
    assert world.happened.count("seal") == 1


async def test_an_order_that_replaces_the_copy_waits_for_its_rejection():
    """Only storage says that a copy is never archived; then another is made, under the
    same words.
    """
    world = World()
    await certify(world)(build.ordered())
    refused = world.winner
    order = build.ordered(revision=2, replaces=refused.copy_ref.sha256)
    with pytest.raises(Trouble) as caught:
        await certify(world)(order)
    assert caught.value.hindrance is Hindrance.ORDER
    assert len(world.published) == 1
    world.winner = None
    world.lost.add(str(refused.attempt))
    await certify(world)(order)
    assert refused.copy_ref.key not in world.stored
    assert world.winner.copy_ref != refused.copy_ref
    assert [event.revision for event in world.published] == [1, 2]


async def test_nothing_dead_is_finished_for_another_order_of_its_revision():
    """Stored but not concluded, then the register was put back and the number given to
    another paper: what a dead process made does not pass under its name.
    """
    world = World(fails={"conclude": Trouble(Hindrance.DATABASE)})
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    (old,) = world.outcomes.values()
    world.fails.clear()
    await certify(world)(build.ordered(original=build.ref(b"another")))
    assert old.copy_ref.key not in world.stored
    assert len(world.published) == 1


async def test_ordered_again_a_copy_that_exists_is_announced_again():
    """The archive refused it, a person mended: the same bytes are judged once more."""
    world = World()
    await certify(world)(build.ordered())
    renewed = build.ordered(revision=2)
    await certify(world)(renewed)
    await certify(world)(renewed)
    first, again = world.published
    assert world.happened.count("seal") == 1
    assert again.copy_ref == first.copy_ref
    assert (again.revision, again.id != first.id) == (2, True)


@pytest.mark.parametrize(
    "mended",
    [
        {"clause": build.ordered().clause.model_copy(update={"statement": "Khác"})},
        {"public_host": "https://doi-ten.example"},
        {"code": "7K2F9MQX4TBE"},
    ],
)
async def test_a_copy_is_never_announced_under_a_revision_with_other_words(mended):
    """Another process sealed revision 1 while it stood halted and was mended: a person
    hears that a copy with the old words exists, and the archive hears nothing.
    """
    world = World()
    await certify(world)(build.ordered())
    renewed = build.ordered(revision=2, **mended)
    with pytest.raises(Refusal) as caught:
        await certify(world)(renewed)
    assert caught.value.reason is Reason.OTHER_COPY_ARCHIVED
    assert cause_of(caught.value.detail) == ("sealed-for-revision", {"revision": "1"})
    assert [event.revision for event in world.published] == [1]
    assert world.happened.count("seal") == 1
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            await certify(world)(renewed)
        when = {"journal": world, "clock": lambda: build.NOON}
        await usecases.halt(renewed, caught.value, **when)
    assert [event.revision for event in world.published] == [1, 2]
    assert world.published[1].reason is Reason.OTHER_COPY_ARCHIVED


async def test_a_copy_of_unknown_words_is_not_announced_again():
    """A row from before the journal noted the order says nothing of its words."""
    world = World()
    await certify(world)(build.ordered())
    world.winner = replace(world.winner, order_sha256=None)
    with pytest.raises(Refusal):
        await certify(world)(build.ordered(revision=2))
    assert len(world.published) == 1


async def test_what_a_dead_process_made_for_an_older_revision_is_made_anew():
    """Stored, not concluded, and ordered again since: written off, and sealed from the
    order that holds now.
    """
    world = World(fails={"conclude": Trouble(Hindrance.DATABASE)})
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    (old,) = world.outcomes.values()
    world.fails.clear()
    await certify(world)(build.ordered(revision=2))
    (event,) = world.published
    assert event.revision == 2
    assert list(world.stored) == [event.copy_ref.key]
    assert old.copy_ref.key not in world.stored


async def test_written_off_by_another_process_it_is_tried_again():
    """Its bytes are destroyed, and the order is not acknowledged: whoever wrote it off
    may die before it makes another.
    """
    world = World()
    fails = {"write": Trouble(Hindrance.STORE)}
    world.fails = fails
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    (slow,) = world.outcomes.values()
    world.stored[slow.copy_ref.key] = b"late"
    world.lost.add(str(slow.attempt))
    world.settled.add(str(slow.attempt))
    world.fails = {}
    await certify(world)(build.ordered())
    assert slow.copy_ref.key not in world.stored
    assert list(world.stored) == [world.winner.copy_ref.key]


async def test_a_slow_process_that_was_written_off_does_not_conclude():
    world = World()

    class Slow(World):
        """Another process writes every outcome off as soon as it is recorded."""

        async def record_outcome(self, outcome):
            await super().record_outcome(outcome)
            await self.write_off(outcome)

    world = Slow()
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    assert world.stored == {}
    assert world.published == []


@pytest.mark.parametrize("step", ["signatories", "read", "compose", "prepare"])
@pytest.mark.parametrize(
    "no", [Refusal(Reason.ORIGINAL_MISSING), Trouble(Hindrance.TSA)]
)
async def test_a_no_before_the_key_leaves_no_trace_of_a_key(step, no):
    """Refusal or trouble in any step before sealing: no intent, no key used."""
    world = World(fails={step: no})
    with pytest.raises(type(no)):
        await certify(world)(build.ordered())
    assert not {"intend", "seal"} & set(world.happened)


async def test_trouble_while_sealing_is_journaled_and_tried_again():
    world = World(fails={"seal": Trouble(Hindrance.TSA)})
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    assert world.happened[-1] == "failed"
    world.fails.clear()
    await certify(world)(build.ordered())
    assert len(world.published) == 1


async def test_an_approval_older_than_72_hours_is_refused_before_the_key():
    world = World()
    late = build.NOON + timedelta(hours=72)
    with pytest.raises(Refusal) as caught:
        await certify(world, lambda: late)(build.ordered())
    assert caught.value.reason is Reason.APPROVAL_TOO_OLD
    assert world.happened == []


async def test_a_superseded_revision_is_let_go():
    world = World(revision=2)
    await certify(world)(build.ordered(revision=1))
    assert world.happened == []


async def test_what_a_dead_process_stored_is_finished_not_made_again():
    """Stored but not concluded: the same bytes become the copy, no key is used."""
    world = World(fails={"conclude": Trouble(Hindrance.DATABASE)})
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    world.fails.clear()
    world.happened.clear()
    await certify(world)(build.ordered())
    assert world.happened == ["conclude"]
    assert list(world.stored) == [world.winner.copy_ref.key]


async def test_what_a_dead_process_did_not_store_is_written_off():
    """Sealed, journaled, not stored: one copy is made anew, the loss is logged."""
    world = World(fails={"write": Trouble(Hindrance.STORE)})
    with pytest.raises(Trouble):
        await certify(world)(build.ordered())
    world.fails.clear()
    await certify(world)(build.ordered())
    assert world.happened.count("write off") == 1
    assert len(world.stored) == 1
    assert len(world.published) == 1


async def test_the_first_outcome_wins_and_the_losers_bytes_are_destroyed():
    """Two processes seal the same order: one copy in the world, the loss journaled."""
    rival = AttemptOutcome(
        UUID(int=1),
        build.ENTRY,
        1,
        build.ref(b"rival", "copies"),
        (summary("officer"), summary("seal")),
    )
    world = World(rival=rival)
    world.stored[rival.copy_ref.key] = b"rival"
    await certify(world)(build.ordered())
    assert world.stored == {rival.copy_ref.key: b"rival"}
    assert world.happened[-2:] == ["conclude", "destroy"]
    assert world.published == []


async def test_a_halt_is_the_same_event_however_often_it_is_delivered():
    world = World()
    refusal = Refusal(Reason.KEY_MISSING, "o")
    order = build.ordered(revision=3)
    for _ in range(2):
        await usecases.halt(order, refusal, journal=world, clock=lambda: build.NOON)
    (first,) = world.published
    assert (first.stage, first.reason, first.revision) == (
        "signing",
        Reason.KEY_MISSING,
        3,
    )


@pytest.mark.parametrize("news", ["halt", "delay"])
async def test_what_is_told_of_a_revision_lets_no_older_one_through(news):
    """Halted or delayed at revision 3: an order of revision 2 that comes late must not
    be signed beside it.
    """
    world, order = World(), build.ordered(revision=3)
    when = {"journal": world, "clock": lambda: build.NOON}
    if news == "halt":
        await usecases.halt(order, Refusal(Reason.KEY_MISSING, "o"), **when)
    else:
        next_try = build.NOON + timedelta(seconds=5)
        again = Setback(Hindrance.TSA, build.NOON, tries=2, next_try_at=next_try)
        await usecases.delay(order, again, **when)
    assert world.revision == 3
    await certify(world)(build.ordered(revision=2))
    assert "seal" not in world.happened


async def test_each_reason_of_a_halt_is_an_event_of_its_own():
    """Another reason, detail or order is other news."""
    world = World()
    for order, refusal in (
        (build.ordered(), Refusal(Reason.KEY_MISSING, "o")),
        (build.ordered(), Refusal(Reason.KEY_MISSING, "p")),
        (build.ordered(), Refusal(Reason.KEY_LOCKED, "o")),
        (build.ordered(revision=2), Refusal(Reason.KEY_MISSING, "o")),
    ):
        await usecases.halt(order, refusal, journal=world, clock=lambda: build.NOON)
    assert len({event.id for event in world.published}) == 4


async def test_a_delay_says_why_and_when_it_is_tried_again():
    world = World()
    setback = Setback(
        Hindrance.TSA,
        build.NOON,
        tries=2,
        next_try_at=build.NOON + timedelta(seconds=5),
    )
    await usecases.delay(
        build.ordered(), setback, journal=world, clock=lambda: build.NOON
    )
    (event,) = world.published
    assert (event.hindrance, event.tries) == (Hindrance.TSA, 2)
    assert event.next_try_at == build.NOON + timedelta(seconds=5)


async def test_a_copy_with_times_that_the_archive_refuses_is_never_recorded():
    """The clock was set back while it was sealed: the journal has a failure and no
    outcome, and the next try makes the copy.
    """
    world, times = World(), iter([build.NOON, build.NOON - timedelta(hours=1)])
    with pytest.raises(Trouble) as caught:
        await certify(world, clock=lambda: next(times))(build.ordered())
    assert caught.value.hindrance is Hindrance.TSA
    assert world.happened[-1] == "failed"
    assert world.outcomes == {}
    await certify(world)(build.ordered())
    assert world.winner is not None


@pytest.mark.parametrize("ending", ["rejected", "closed"])
async def test_what_storage_gives_up_is_destroyed(ending):
    """At once, and again at each delivery: a crash may have left the bytes."""
    world = World()
    await certify(world)(build.ordered())
    ref = world.winner.copy_ref
    common = {"at": build.NOON, "entry": build.ENTRY}
    for _ in range(2):
        world.stored[ref.key] = b"left by a crash"
        if ending == "rejected":
            fact = CopyRejected(copy_sha256=ref.sha256, reason="story", **common)
            await usecases.withdraw(fact, copies=world, journal=world)
        else:
            fact = CertificationClosed(revision=2, **common)
            await usecases.close(fact, copies=world, journal=world)
        assert world.stored == {}
    assert world.winner is None


async def test_no_key_is_used_before_the_seal_is_released():
    """The order says so itself. It is noted, so that an older one that was released and
    is still retried makes nothing any more; the release is the next revision.
    """
    world = World()
    held = build.ordered(release="manual")
    await certify(world)(held)
    assert world.happened == ["note"]
    released = held.model_copy(update={"revision": 2, "released_at": build.NOON})
    held_again = held.model_copy(update={"revision": 3})
    await certify(world)(held_again)
    await certify(world)(released)
    assert world.happened == ["note", "note"]
    await certify(world)(released.model_copy(update={"revision": 4}))
    assert "seal" in world.happened
