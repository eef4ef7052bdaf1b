"""What agencies lay over the program's tables."""

from collections.abc import Callable
from typing import Protocol

from intake.domain.delegations import Delegation, Revocation
from intake.domain.own_fees import OwnFee
from intake.domain.own_tables import CalendarRow, ClosingHour, OwnTables
from intake.domain.records import Note
from intake.domain.switches import Switching
from intake.domain.table_rows import TableRow, TakenBack


class OwnTablesBook(Protocol):
    """Rows that only grow. What is added MUST count for due hours of this process when
    the call returns.
    """

    async def refresh(self) -> None:
        """Learn what other replicas have added."""
        ...

    async def add_days(
        self, agency: str, decide: Callable[[OwnTables], tuple[CalendarRow, Note]]
    ) -> CalendarRow:
        """MUST hold the agency's rows from reading to commit."""
        ...

    async def add_hour(
        self, agency: str, decide: Callable[[OwnTables], tuple[ClosingHour, Note]]
    ) -> ClosingHour:
        """MUST hold the agency's rows from reading to commit."""
        ...

    async def enter_delegation(
        self, agency: str, decide: Callable[[OwnTables], tuple[Delegation, Note]]
    ) -> Delegation:
        """MUST hold the agency's rows from reading to commit."""
        ...

    async def revoke_delegation(
        self, agency: str, decide: Callable[[OwnTables], tuple[Revocation, Note]]
    ) -> Revocation:
        """MUST come wholly before or wholly after each approval under it."""
        ...

    async def issue_fee(
        self, agency: str, decide: Callable[[OwnTables], tuple[OwnFee, Note]]
    ) -> OwnFee:
        """MUST hold the agency's rows from reading to commit."""
        ...

    async def switch(
        self, agency: str, decide: Callable[[OwnTables], tuple[Switching, Note]]
    ) -> Switching:
        """MUST hold the agency's rows from reading to commit."""
        ...

    async def enter_row(
        self, agency: str, decide: Callable[[OwnTables], tuple[TableRow, Note]]
    ) -> TableRow:
        """MUST hold the agency's rows from reading to commit."""
        ...

    async def take_back(
        self,
        agency: str,
        of: str,
        row: int,
        decide: Callable[[OwnTables], tuple[TakenBack, Note]],
    ) -> TakenBack:
        """Note that the planned *row* of the table *of* will not count. MUST hold the
        agency's rows from reading to commit.
        """
        ...
