"""Forms that act once: their keys, and what an earlier use brought about."""

from collections.abc import Callable, Mapping, Sequence

from chassis.clock import Clock
from intake.domain import form_keys
from intake.domain.form_keys import FormUse, UsedBefore
from intake.domain.rules import Rules
from intake.ports import FormUses

Chance = Callable[[], str]


def key(user: str, *, rules: Rules, chance: Chance, clock: Clock) -> str:
    """For the forms of one page that *user* is about to see."""
    return form_keys.made(rules.link_key, user, clock(), chance())


def owns(user: str, key: str, *, rules: Rules) -> bool:
    """Whether the form was made for *user*, however long ago."""
    return form_keys.issued_at(rules.link_key, user, key) is not None


def use(
    user: str,
    key: str,
    address: str,
    fields: Mapping[str, Sequence[str]],
    *,
    rules: Rules,
    clock: Clock,
) -> FormUse | None:
    """The form as it is about to act; None if its key is somebody else's or too old."""
    now = clock()
    issued = form_keys.issued_at(rules.link_key, user, key)
    if issued is None or now - issued >= form_keys.LIFE:
        return None
    return form_keys.use(user, key, address, fields, now)


async def used_before(use: FormUse, *, uses: FormUses) -> UsedBefore | None:
    return await uses.before(use)
