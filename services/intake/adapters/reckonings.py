"""The last look at the books, kept in memory for the page that shows it."""

from intake.domain.reconciling import Reconciliation


class RememberedReckonings:
    """``ports.Reckonings``: a loop looks, pages read."""

    def __init__(self) -> None:
        self._last = Reconciliation()

    def latest(self) -> Reconciliation:
        return self._last

    def note(self, looked: Reconciliation) -> None:
        self._last = looked
