"""Delegations in writing: entered, revoked, and read again where a copy is ordered.

Start at ``check_stands``.
"""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import delegation_revocations, delegations
from intake.domain.delegations import Delegation, Revocation
from intake.domain.states import NotAllowed

DELEGATION = (
    "agency",
    "number",
    "signed_on",
    "delegator",
    "delegator_name",
    "delegate",
    "delegate_name",
    "kinds",
    "title_line",
    "valid_from",
    "valid_until",
    "by",
    "at",
)
REVOCATION = ("delegation", "reason", "by", "at")


def check_stands(tx: Connection, seq: int) -> None:
    """Raises NotAllowed where it was revoked. Until the commit nobody revokes it: the
    row is held, so that of an approval and a revocation at once one is first.
    """
    number = tx.scalar(
        select(delegations.c.number).where(delegations.c.seq == seq).with_for_update()
    )
    ended = tx.execute(
        select(delegation_revocations).where(delegation_revocations.c.delegation == seq)
    ).first()
    if ended is not None or number is None:
        who = ended.by if ended else ""
        raise NotAllowed("error.delegation-revoked", number=number or "", who=who)


def enter(tx: Connection, entry: Delegation) -> None:
    values = named(entry, DELEGATION) | {"kinds": list(entry.kinds)}
    tx.execute(insert(delegations).values(values))


def revoke(tx: Connection, revocation: Revocation) -> None:
    held = select(delegations.c.seq).where(delegations.c.seq == revocation.delegation)
    tx.execute(held.with_for_update())
    tx.execute(insert(delegation_revocations).values(named(revocation, REVOCATION)))


def all_of(tx: Connection) -> list[Delegation]:
    """Return those of every agency, in the order in which they were entered."""
    ended = {
        row.delegation: Revocation(**named(row, REVOCATION))
        for row in tx.execute(select(delegation_revocations))
    }
    rows = tx.execute(select(delegations).order_by(delegations.c.seq))
    return [_delegation(row, ended.get(row.seq)) for row in rows]


def _delegation(row: Row[Any], ended: Revocation | None) -> Delegation:
    known = {**named(row, DELEGATION), "kinds": tuple(row.kinds)}
    return Delegation(**known, revoked=ended, seq=row.seq)
