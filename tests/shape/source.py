"""The product's source, read once: each module as text, tree and comments."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
TREES = ("libs", "services", "deploy")


@dataclass(frozen=True)
class Module:
    path: Path
    """Relative to the repository's root."""
    text: str

    @property
    def name(self) -> str:
        """The dotted name it is imported by: ``signing.adapters.keys``."""
        parts = self.path.with_suffix("").parts[1:]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """The package that its relative imports start from."""
        if self.path.name == "__init__.py":
            return self.name
        return self.name.rpartition(".")[0]

    @property
    def folder(self) -> str:
        """The component it belongs to: ``services/intake``."""
        return "/".join(self.path.parts[:2])

    @property
    def migration(self) -> bool:
        return "migrations" in self.path.parts

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        return list(tokenize.generate_tokens(io.StringIO(self.text).readline))

    @property
    def filled_lines(self) -> int:
        """All lines but the blank ones."""
        return sum(1 for line in self.text.splitlines() if line.strip())

    def place(self, line: int) -> str:
        return f"{self.path}:{line}"


@dataclass(frozen=True)
class House:
    modules: tuple[Module, ...]
    only: str = ""

    def shown(self) -> Iterator[Module]:
        return (module for module in self.modules if self.shows(module))

    def shows(self, module: Module) -> bool:
        return not self.only or module.path.is_relative_to(self.only.rstrip("/"))


def read_house(only: str = "", root: Path = ROOT) -> House:
    paths = sorted(path for tree in TREES for path in (root / tree).rglob("*.py"))
    return House(
        tuple(Module(path.relative_to(root), path.read_text()) for path in paths), only
    )
