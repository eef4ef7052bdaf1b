"""The one exception of the gate: a reason that a person and a test can name."""

from typing import NoReturn

DETAIL_CHARACTERS = 200


class Refused(Exception):
    """The file is not exactly what our signer makes of this order.

    ``reason`` is a stable slug; ``detail`` is for the log only: offsets, object
    numbers and counts, never a person's name.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def refuse(reason: str, detail: object = "") -> NoReturn:
    raise Refused(reason, str(detail)[:DETAIL_CHARACTERS])


def require(condition: object, reason: str, detail: object = "") -> None:
    if not condition:
        refuse(reason, detail)
