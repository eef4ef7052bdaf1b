"""A certifier approves many papers in one act, and reads what became of each.

Start at ``Batching.approve``.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from chassis.clock import Clock
from intake.domain import batch as batches_of
from intake.domain import states
from intake.domain.batch import Batch, Chosen, Item
from intake.domain.form_keys import UsedBefore
from intake.domain.people import Actor
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed
from intake.domain.views.certifier import BatchView
from intake.ports import Batches, Cases
from intake.usecases.certifying import Certifying

Once = Callable[[str], AbstractContextManager[None]]
"""Document → the context in which its approval belongs to the form, once."""


@dataclass(frozen=True, slots=True)
class Batching:
    """Many approvals in one act, with the ports that they take."""

    certifying: Certifying
    cases: Cases
    batches: Batches
    report: Callable[[str, Exception], None]
    """Takes the paper whose approval broke, and what broke it."""
    clock: Clock

    async def approve(
        self, name: str, chosen: tuple[Chosen, ...], by: Actor, *, once: Once
    ) -> Batch:
        """Approve each of *chosen* by itself, in their order: a number is taken in the
        transaction of its own paper, and what one paper is refused for stops no other.

        Safe to repeat under the same *name*, also while the first is under way.
        Raises NotAllowed for none and for too many.
        """
        if not chosen:
            raise NotAllowed("error.none-chosen")
        if len(chosen) > batches_of.MOST_AT_ONCE:
            raise NotAllowed("error.too-many-chosen", most=batches_of.MOST_AT_ONCE)
        began = self.clock()
        # One after the other, so that the numbers follow the queue. A crash between two
        # leaves those before it approved; sent again, the form finds them so.
        items = tuple([await self._one(each, by, once) for each in chosen])
        done = Batch(name, by.user, by.agency, began, self.clock(), items)
        await self.batches.keep(done)
        return done

    async def _one(self, each: Chosen, by: Actor, once: Once) -> Item:
        try:
            with once(each.document):
                await self.certifying.approve(each.document, each.version, None, by)
        except UsedBefore:
            return Item(each.document)  # this form approved it, a press ago
        except batches_of.REFUSALS as error:
            return batches_of.refused(each.document, error)
        except Exception as error:  # noqa: BLE001 - reported, and the others go on
            self.report(each.document, error)
            return batches_of.refused(each.document, error)
        return Item(each.document)

    async def view(self, name: str, by: Actor) -> BatchView:
        """What became of each paper by now. NotFound for anybody else's."""
        batch = await self.batches.find(name)
        if batch is None or batch.by != by.user or batch.agency != by.agency:
            raise NotFound(name)
        now = self.clock()
        named = tuple(item.document for item in batch.items)
        rows = batches_of.rows(batch, await self.cases.papers(by.agency, named), now)
        return BatchView(
            now=now,
            began_at=batch.began_at,
            ended_at=batch.ended_at,
            rows=rows,
            approved=sum(row.number is not None for row in rows),
            moving=any(row.number and row.state in states.MOVING for row in rows),
        )
