"""The desk's own books, looked through each minute, for the page that shows them."""

from dataclasses import dataclass

from intake.domain.reconciling import Reconciliation
from intake.ports import Reckonings


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What the system page asks of the reconciler, with the port that it takes."""

    reckonings: Reckonings

    def reconciliation(self) -> Reconciliation:
        """The last look at the books: ready made, so that a page costs nothing."""
        return self.reckonings.latest()
