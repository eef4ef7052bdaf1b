"""Hands of a signer: a faulty, misled or stolen signing service bends one thing."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from support.forging.base import footer as footer_text
from support.forging.case import Case, case
from support.forging.copy import Copy, Storing, good
from support.forging.pki import (
    APPROVED,
    Entity,
    Pki,
    Stamping,
    answer,
    ours,
    revocation_list,
)

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def made(
    change: Callable[[Copy], object], pki: Pki | None = None, **changes: object
) -> Callable[[], Case]:
    """Wrong before it was signed; ``changes`` are of the order it is judged by."""

    def make() -> Case:
        bent = good(pki)
        change(bent)
        return case(bent.write(), pki, **changes)

    return make


def base(number: int, old: bytes, new: bytes) -> Callable[[], Case]:
    """Other source text of one object of the base."""

    def change(bent: Copy) -> None:
        assert old in bent.objects[number], bent.objects[number][:300]
        bent.objects[number] = bent.objects[number].replace(old, new, 1)

    return made(change)


def content(number: int, old: bytes, new: bytes) -> Callable[[], Case]:
    """Another content stream, its /Length true."""

    def change(bent: Copy) -> None:
        _, _, rest = bent.objects[number].partition(b"stream\n")
        body = rest.removesuffix(b"\nendstream")
        assert old in body
        text = body.replace(old, new, 1)
        bent.objects[number] = b"<< /Length %d >>\nstream\n%b\nendstream" % (
            len(text),
            text,
        )

    return made(change)


def footer(text: bytes) -> Callable[[], Case]:
    return made(lambda bent: bent.objects.update({20: footer_text(595.2, text)}))


def officer(**changes: object) -> Callable[[], Case]:
    return made(lambda bent: bend(bent.officer, changes))


def seal(**changes: object) -> Callable[[], Case]:
    return made(lambda bent: bend(bent.seal, changes))


def bend(signing: object, changes: dict[str, object]) -> None:
    for name, value in changes.items():
        setattr(signing, name, value)


def stamped(**changes: object) -> Callable[[], Case]:
    """The officer's token, stamped in another way."""

    def change(bent: Copy) -> None:
        assert bent.officer.stamping is not None
        bent.officer.stamping = replace(bent.officer.stamping, **changes)

    return made(change)


def both_at(moment: timedelta) -> Callable[[], Case]:
    """Signed, stamped and answered so long after the approval."""

    def change(bent: Copy) -> None:
        at = APPROVED + moment
        for signing in (bent.officer, bent.seal):
            signing.at, signing.stamping = at, Stamping(bent.pki.tsa, at)

    return made(change)


def members(**changes: Entity) -> Pki:
    """Our authorities, with another somebody."""
    pki = copy.copy(ours())
    for name, entity in changes.items():
        setattr(pki, name, entity)
    return pki


def signed_by(role: str, **facts: object) -> Callable[[], Case]:
    """Pinned, ordered and answered for, but a certificate that will not do."""

    def make() -> Case:
        issuer = ours().tsa_root if role == "tsa" else ours().issuing
        entity = Entity(role, **{"issuer": issuer, **facts})
        pki = members(**{role: entity})
        return case(good(pki).write(), pki)

    return make


def keeping(change: Callable[[Storing, Pki], object]) -> Callable[[], Case]:
    def change_store(bent: Copy) -> None:
        assert bent.storing is not None
        change(bent.storing, bent.pki)

    return made(change_store)


def officers_answer(**facts: object) -> Callable[[], Case]:
    def change(storing: Storing, pki: Pki) -> None:
        storing.answers[0] = answer(
            pki.officer, **{"responder": pki.responder, **facts}
        )

    return keeping(change)


_SIGNED_WITH = bytes.fromhex("300a06082a8648ce3d04030203")
"""ecdsa-with-SHA256, and the tag of the signature behind it."""


def loosened(make: Callable[[], bytes]) -> bytes:
    """A last zero bit of the signature called unused: other bytes, and it still holds
    for whoever reads bits as a library does.
    """
    for _ in range(64):
        item = make()
        at = item.index(_SIGNED_WITH) + len(_SIGNED_WITH)
        last = at + item[at]
        if not item[last] & 1:
            return item[: at + 1] + b"\x01" + item[at + 2 :]
    raise AssertionError("each signature ends with a one")


def listing(**facts: object) -> Callable[[], Case]:
    """Another list of the root."""

    def change(storing: Storing, pki: Pki) -> None:
        storing.lists[:] = [revocation_list(pki.root, **facts)]

    return keeping(change)
