"""``.env`` as docker compose reads it, with its line numbers."""

import re
from dataclasses import dataclass
from typing import Final

_ASSIGNED: Final = re.compile(r"^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$")


@dataclass(frozen=True, slots=True)
class EnvLine:
    number: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class EnvFile:
    lines: tuple[EnvLine, ...]
    broken: tuple[int, ...]
    """Numbers of the lines that are neither an assignment nor a comment."""

    def value(self, name: str, default: str = "") -> str:
        """The value of *name*: the last line that gives it wins, an empty one is as
        good as none.
        """
        found = [line.value for line in self.lines if line.name == name]
        return (found[-1] if found else "") or default

    def line(self, name: str) -> int | None:
        """The number of the line that gives *name*."""
        found = [line.number for line in self.lines if line.name == name]
        return found[-1] if found else None


def read_env(text: str) -> EnvFile:
    lines: list[EnvLine] = []
    broken: list[int] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if assigned := _ASSIGNED.match(line):
            lines.append(EnvLine(number, assigned[1], _plain(assigned[2].strip())))
        else:
            broken.append(number)
    return EnvFile(tuple(lines), tuple(broken))


def _plain(value: str) -> str:
    """The value without its quotes, or without the comment behind it."""
    for quote in "\"'":
        if len(value) > 1 and value[0] == value[-1] == quote:
            return value[1:-1]
    return re.sub(r"\s#.*$", "", value)
