"""What a request under /v1 can be that is not carried out, each with its status; the
words are in the catalogues (``app.refusals``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MistakeAt:
    """Where a body or a query is wrong, as a JSON pointer, and why."""

    pointer: str
    detail: str


class Misfit(ValueError):
    """What a program sent does not fit: answered with 422 and each mistake."""

    def __init__(self, *mistakes: MistakeAt) -> None:
        super().__init__(", ".join(each.pointer for each in mistakes))
        self.mistakes = mistakes


class NotJson(Exception):
    """The body is of another type than the route reads: answered with 415."""


class Unmatched(Exception):
    """A change that does not say what it was made from: answered with 428."""


class Stale(Exception):
    """A change made from what is there no more: answered with 412."""


class Keyless(Exception):
    """An act without a key that could be sent again: answered with 400."""
