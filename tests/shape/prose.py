"""Comments that say why, and docstrings that stand alone."""

import ast
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator

from shape.figures import Figure
from shape.source import House, Module

FIRST_WORDS = frozenset(["Of", "By", "As", "For"])
"""A docstring that begins so continues the name beside it."""

_FOR_MACHINES = re.compile(
    r"#!|#\s*(noqa|type:|pragma|ruff:|mypy:|fmt:|isort|pylint|-\*-|nosec)",
    re.IGNORECASE,
)
_RULER = re.compile(r"#\s*[-=~*#]{3,}|[-=~*#]{3,}\s*$")
_LETTER = re.compile(r"[^\W\d_]")


def comment_density(house: House) -> list[Figure]:
    comments: dict[str, int] = defaultdict(int)
    lines: dict[str, int] = defaultdict(int)
    for module in house.shown():
        comments[module.folder] += sum(1 for _ in real_comments(module))
        lines[module.folder] += module.filled_lines
    return [
        *(
            Figure(f"comments per 100 lines, {folder}", _density(comments[folder], n))
            for folder, n in lines.items()
        ),
        Figure(
            "comments per 100 lines, total",
            _density(sum(comments.values()), sum(lines.values())),
            ">= 1.0",
            "lines with a comment for a reader, to 100 lines that are not blank",
        ),
    ]


def real_comments(module: Module) -> Iterator[tokenize.TokenInfo]:
    """One per line that carries a comment for a reader.

    Neither a mark for a tool (noqa, type, pragma, fmt) nor a section's ruler.
    """
    return (
        token
        for token in module.tokens
        if token.type == tokenize.COMMENT
        and _LETTER.search(token.string)
        and not _FOR_MACHINES.match(token.string)
        and not _RULER.search(token.string)
    )


def dependent_docstrings(house: House) -> Figure:
    places = tuple(
        f"{module.place(line)} {text.splitlines()[0]}"
        for module in house.shown()
        for line, text in docstrings(module)
        if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0] in FIRST_WORDS
    )
    return Figure(
        "docstrings that begin with Of, By, As, For",
        len(places),
        "<= 0",
        "of modules, classes, functions and attributes",
        places,
    )


def docstrings(module: Module) -> Iterator[tuple[int, str]]:
    """The line and text of each one: a body's first string, or one under a name."""
    for node in ast.walk(module.tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for above, statement in zip([None, *body], body, strict=False):
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))) if _documents(
                    node, above
                ):
                    yield statement.lineno, text.strip()


def _documents(owner: ast.AST, above: ast.stmt | None) -> bool:
    if above is None:
        return isinstance(
            owner, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
    return isinstance(above, ast.Assign | ast.AnnAssign)


def _density(comments: int, lines: int) -> float:
    return round(100 * comments / max(lines, 1), 2)
