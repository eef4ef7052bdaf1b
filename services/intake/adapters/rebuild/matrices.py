"""Plane geometry of a page (ISO 32000-1, 8.3): matrices and upright boxes."""

from collections.abc import Iterable
from typing import Any, Final

from intake.adapters.rebuild.pages import Matrix

Box = tuple[float, float, float, float]
"""Left, low, right, top."""

IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def matrix(values: Iterable[Any]) -> Matrix:
    """Six numbers of a file. Raises ValueError or TypeError for anything else."""
    a, b, c, d, e, f = (float(v) for v in values)
    return a, b, c, d, e, f


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """First m, then n."""
    a, b, c, d, e, f = m
    g, h, i, j, k, l = n  # noqa: E741 - a matrix
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    )


def bounds(m: Matrix, box: Box = (0.0, 0.0, 1.0, 1.0)) -> Box:
    """The upright box around a transformed one."""
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [m[0] * x + m[2] * y + m[4] for x, y in corners]
    down = [m[1] * x + m[3] * y + m[5] for x, y in corners]
    return min(across), min(down), max(across), max(down)


def common(a: Box, b: Box) -> Box:
    """The part that two boxes share; of no area if they share none."""
    left, low = max(a[0], b[0]), max(a[1], b[1])
    return left, low, max(left, min(a[2], b[2])), max(low, min(a[3], b[3]))
