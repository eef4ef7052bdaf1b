"""Time is an input."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

LOCAL: Final = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of every deadline and every displayed hour; stored times are UTC."""


def utc_now() -> datetime:
    return datetime.now(UTC)
