"""How long signing's things are there. Start at ``FOR_EVER``."""

from typing import Final

from chassis.retention_rule import Rule

FOR_EVER: Final = {
    "seal_journal": "mỗi lần dùng khóa · every use of a key",
    "entries": "số nào đã có bản nào · which number has which copy",
}
"""Table → why it is for ever."""


def for_ever(name: str) -> Rule:
    return Rule(name, None, law=FOR_EVER[name])
