"""What the bus has said of the highest numbers, kept in memory while the desk runs."""

from collections.abc import Mapping

from ecopy.marks import Marks
from intake.domain.numbering import MarksInForce


class RememberedMarks:
    """``ports.Marks``: a loop asks the bus, whoever numbers asks here."""

    def __init__(self) -> None:
        self._heard = MarksInForce()

    def latest(self) -> MarksInForce:
        return self._heard

    def hear(self, said: Mapping[str, Marks | None]) -> None:
        """An answer of the bus: service → its marks, None where it has none."""
        self._heard = self._heard.with_answer(said)
