"""Forms that act once: their keys, and what an earlier use brought about."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from chassis.clock import Clock
from intake.domain import form_keys
from intake.domain.form_keys import FormUse, UsedBefore
from intake.domain.rules import Rules
from intake.ports import FormUses

Chance = Callable[[], str]
Acting = Callable[[FormUse, str], AbstractContextManager[None]]
"""The first write of a use case inside the context belongs to that use of a form; the
text is the page that follows the act."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Keys of forms and their earlier uses, with the ports that they take."""

    rules: Rules
    chance: Chance
    clock: Clock
    uses: FormUses
    acting: Acting

    def key(self, user: str) -> str:
        """A key for the forms of one page that *user* is about to see."""
        return form_keys.made(self.rules.link_key, user, self.clock(), self.chance())

    def owns(self, user: str, key: str) -> bool:
        """Whether the form was made for *user*, however long ago."""
        return form_keys.issued_at(self.rules.link_key, user, key) is not None

    def use(
        self, user: str, key: str, address: str, fields: Mapping[str, Sequence[str]]
    ) -> FormUse | None:
        """The form as it is about to act; None if its key is somebody else's or too
        old.
        """
        now = self.clock()
        issued = form_keys.issued_at(self.rules.link_key, user, key)
        if issued is None or now - issued >= form_keys.LIFE:
            return None
        return form_keys.use(user, key, address, fields, now)

    async def used_before(self, use: FormUse) -> UsedBefore | None:
        return await self.uses.before(use)
