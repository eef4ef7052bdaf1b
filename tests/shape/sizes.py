"""How long functions and modules are."""

import ast
import math
from collections.abc import Iterator
from statistics import median

from shape.figures import Figure
from shape.source import House, Module

Function = ast.FunctionDef | ast.AsyncFunctionDef

LONG_FUNCTION = 45
LONG_MODULE, LONGEST_MODULE = 250, 320


def function_lengths(house: House) -> list[Figure]:
    bodies = [body for module in house.shown() for body in _bodies(module)]
    lengths = sorted(length for length, _, _ in bodies) or [0]
    long = tuple(
        f"{length} {place}"
        for length, place, exempt in sorted(bodies, reverse=True)
        if length > LONG_FUNCTION and not exempt
    )
    rule = "from a body's first statement to its last, without the docstring"
    return [
        Figure("functions", len(bodies)),
        Figure("function body, median", median(lengths), "<= 5"),
        Figure("function body, p95", _percentile(lengths, 0.95), "<= 20"),
        Figure("function body, max", lengths[-1]),
        Figure(
            f"functions over {LONG_FUNCTION} lines",
            len(long),
            "<= 0",
            f"{rule}; migrations may",
            long,
        ),
    ]


def module_lengths(house: House) -> list[Figure]:
    lengths = sorted(
        ((module.lines, str(module.path)) for module in house.shown()), reverse=True
    )
    return [
        Figure("modules", len(lengths)),
        _over(lengths, LONG_MODULE, "<= 8"),
        _over(lengths, LONGEST_MODULE, "<= 0"),
    ]


def _over(lengths: list[tuple[int, str]], bound: int, goal: str) -> Figure:
    long = tuple(f"{lines} {path}" for lines, path in lengths if lines > bound)
    return Figure(
        f"modules over {bound} lines", len(long), goal, "all lines of the file", long
    )


def _bodies(module: Module) -> Iterator[tuple[int, str, bool]]:
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            place = f"{module.place(node.lineno)} {node.name}"
            yield _body_lines(node), place, module.migration


def _body_lines(function: Function) -> int:
    statements = function.body
    if ast.get_docstring(function, clean=False) is not None:
        statements = statements[1:]
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


def _percentile(lengths: list[int], share: float) -> int:
    return lengths[max(0, math.ceil(share * len(lengths)) - 1)]
