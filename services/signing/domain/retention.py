"""How long signing's things are there. Start at ``FOR_EVER``."""

from datetime import timedelta
from typing import Final

from chassis.retention_rule import RetentionRule

FOR_EVER: Final = {
    "seal_journal": "mỗi lần dùng khóa · every use of a key",
    "entries": "số nào đã có bản nào · which number has which copy",
}
"""Table → why it is for ever."""


def copies(days: int) -> RetentionRule:
    return RetentionRule(
        "copies",
        timedelta(days=days),
        "sau khi kho lưu đã đọc lại · since the archive has read it back",
        "kho lưu được chữa từ đó · the archive is healed from them",
    )


def for_ever(name: str) -> RetentionRule:
    return RetentionRule(name, None, law=FOR_EVER[name])
