"""A rule of retention: data, which each service has for its own things.

What is done by the rules is in ``chassis.retention``.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What is held to which time, in words for whoever operates the house."""

    name: str
    keep: timedelta | None
    """None: for ever."""
    counted_from: str = ""
    """Since when *keep* is counted, in both languages; empty for what is for ever."""
    law: str = ""
    """Why for so long: a clause, or a reason of ours."""
    here: bool = False
    """It lies on this machine: each replica looks after its own."""


INCOMING: Final = RetentionRule(
    "incoming",
    timedelta(0),
    "khi tiến trình chết · when its process is gone",
    "tệp dở của tiến trình đã chết · unfinished files of killed processes",
    here=True,
)
TEMPORARY: Final = RetentionRule(
    "temporary",
    timedelta(0),
    "khi tiến trình chết · when its process is gone",
    "thư mục tạm có thể có trang của người dân · may have citizens' pages in it",
    here=True,
)


def outbox(days: int) -> RetentionRule:
    return RetentionRule(
        "outbox",
        timedelta(days=days),
        "sau khi gửi đi · since it was published",
        "đơn gốc còn trong bảng khác · the facts themselves are in other tables",
    )
