"""On which line of a TOML file a key stands; ``tomllib`` does not say."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_HEAD: Final = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_NAME: Final = re.compile(r'"[^"]*"|[\w-]+')
_KEY: Final = re.compile(r'^\s*("[^"]*"|[\w-]+)\s*=')

Path = tuple[str | int, ...]


class TomlLines:
    """Lines by the path of their key: ``("agencies", 0, "officers", 1, "id")``."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._seen: Counter[Path] = Counter()
        table: Path = ()
        for number, line in enumerate(text.splitlines(), 1):
            if head := _HEAD.match(line):
                table = self._table(head[2], array=head[1] == "[[")
                self._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, key[1].strip('"')), number)

    def of(self, path: Sequence[str | int]) -> int | None:
        """The line of *path*, or of the nearest table around it; None in an empty
        file.
        """
        for end in range(len(path), 0, -1):
            if (found := self._lines.get(tuple(path[:end]))) is not None:
                return found
        return min(self._lines.values(), default=None)

    def _table(self, dotted: str, *, array: bool) -> Path:
        """The path of a header, with the number of each array that it stands in."""
        names = [name.strip('"') for name in _NAME.findall(dotted)]
        path: Path = ()
        for name in names[:-1]:
            path = (*path, name)
            if self._seen[path]:
                path = (*path, self._seen[path] - 1)
        path = (*path, names[-1])
        if not array:
            return path
        self._seen[path] += 1
        return (*path, self._seen[path] - 1)
