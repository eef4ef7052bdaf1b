"""Dead letters: looked at, handed back to their consumer, or left as they are.

A replay is written down first, in one transaction with its line of audit, and then
sent; ``send_rest`` sends what a crash or a bus that was away left over. The same row is
the message's id, so that it is heard once (docs/decisions/0093). Start at ``replay``.
"""

import contextlib
from dataclasses import dataclass

from chassis.clock import Clock
from ecopy.dead_letter import BusAway, DeadLetter
from intake.domain import dead_letters
from intake.domain.dead_letters import MOST_WHY, Act, DeadLetterAct
from intake.domain.people import Actor
from intake.domain.records import Note, NotFound
from intake.domain.states import NotAllowed
from intake.ports import DeadLetterActs, DeadLetterStore


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter, and what was done about it, oldest first."""

    letter: DeadLetter
    acts: tuple[DeadLetterAct, ...]

    @property
    def standing(self) -> str:
        return dead_letters.standing(self.acts)


@dataclass(frozen=True, slots=True)
class Replaying:
    """What people do about dead letters, with the ports that it takes.

    Every method but ``send_rest`` raises BusAway.
    """

    letters: DeadLetterStore
    acts: DeadLetterActs
    clock: Clock

    async def all(self) -> tuple[ShownLetter, ...]:
        """Every letter that the bus still has, newest first. Not a line of audit: the
        list shows no contents.
        """
        letters, acts = await self.letters.all(), await self.acts.all()
        return tuple(
            ShownLetter(letter, dead_letters.acts_on(letter, acts))
            for letter in reversed(letters)
        )

    async def show(self, number: int, by: Actor) -> ShownLetter:
        """One letter with its contents; that *by* looked is written down. NotFound."""
        letter = await self._find(number)
        acts = await self.acts.all()
        await self.acts.note(self._note(letter, "letter-shown", by))
        return ShownLetter(letter, dead_letters.acts_on(letter, acts))

    async def replay(self, number: int, why: str, by: Actor) -> DeadLetter:
        """Hand the letter to its consumer again; *why* says what was mended. Safe to
        repeat: consumers do again what is done already, without effect.

        Raises NotFound, and NotAllowed for a letter that nobody's signature holds for:
        its consumer would only park it again.
        """
        letter = await self._find(number)
        if not letter.publisher:
            raise NotAllowed("error.letter-unsigned", number=number)
        act = await self._write(letter, "replay", why, by)
        # A crash here leaves the row "asked": the next ``send_rest`` sends it, and so
        # it does where the bus has gone away since the letter was read.
        with contextlib.suppress(BusAway):
            await self._send(act, letter)
        return letter

    async def dismiss(self, number: int, why: str, by: Actor) -> DeadLetter:
        """Write down that nothing is to be done about it; it stays where it is.
        NotFound.
        """
        letter = await self._find(number)
        await self._write(letter, "dismiss", why, by)
        return letter

    async def send_rest(self) -> int:
        """Send the replays that were asked for and not sent; how many there were."""
        rest = await self.acts.unsent()
        for act in rest:
            letter = await self.letters.find(act.letter)
            if letter is None or letter.parked_at != act.parked_at:
                await self.acts.settle(act.id, "gone")
                continue
            await self._send(act, letter)
        return len(rest)

    async def _find(self, number: int) -> DeadLetter:
        letter = await self.letters.find(number)
        if letter is None:
            raise NotFound(f"dead letter {number}")
        return letter

    async def _write(
        self, letter: DeadLetter, act: Act, why: str, by: Actor
    ) -> DeadLetterAct:
        if len(why) > MOST_WHY:
            raise NotAllowed("error.too-long", most=MOST_WHY)
        written = DeadLetterAct(
            id=0,
            letter=letter.number,
            parked_at=letter.parked_at,
            act=act,
            step="asked" if act == "replay" else "noted",
            at=self.clock(),
            by=by.name,
            why=why,
        )
        note = self._note(letter, _ACTIONS[act], by, why=why)
        return await self.acts.add(written, note)

    async def _send(self, act: DeadLetterAct, letter: DeadLetter) -> None:
        # The row's id alone would come again in a database that was put back from a
        # backup, and the stream would drop the new replay for the old one's sake.
        await self.letters.replay(letter, f"{act.id}-{act.at.timestamp():.6f}")
        # A crash here leaves it "asked": it is sent again, and the stream drops it.
        await self.acts.settle(act.id, "sent")

    def _note(self, letter: DeadLetter, action: str, by: Actor, **more: str) -> Note:
        about = {"consumer": letter.consumer, "entry": letter.entry, **more}
        return Note(
            at=self.clock(),
            actor=by.user,
            actor_name=by.name,
            agency=by.agency,
            action=action,
            address=by.address,
            values={
                "letter": letter.number,
                **{name: value for name, value in about.items() if value},
            },
        )


_ACTIONS: dict[Act, str] = {"replay": "letter-replayed", "dismiss": "letter-dismissed"}
