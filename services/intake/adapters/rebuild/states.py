"""What a content stream carries along while it is read: the graphics state, the path
that is being built (ISO 32000-1, 8.4 and 8.5), the marks around. Used by ``content``
and ``graphics`` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from pikepdf import Name

from intake.adapters.rebuild.matrices import IDENTITY, Box, common
from intake.adapters.rebuild.pages import Matrix

Ink = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

BLACK: Final[Ink] = (0, 0, 0)
_HARMLESS: Final = frozenset(
    {
        *("/Type", "/SA", "/OP", "/op", "/OPM", "/RI", "/FL", "/SM", "/AIS"),
        *("/LW", "/LC", "/LJ", "/ML", "/D", "/TK"),
    }
)
_NEAR: Final = 0.01
"""Points within which two corners are one."""


@dataclass(frozen=True, slots=True)
class GraphicsState:
    matrix: Matrix = IDENTITY
    clip: Box | None = None
    plain: bool = True
    """No alpha, blend mode, mask, odd clip."""
    ink: Ink | None = BLACK
    """The fill colour, for stencil masks."""
    text_mode: int = 0
    hidden: bool = False
    """Within a layer that is switched off."""
    layered: bool = False
    """Within any layer."""


@dataclass(slots=True)
class Path:
    """The points of a path on the page, and whether it may serve as a clip."""

    points: list[tuple[float, float]] = field(default_factory=list)
    curved: bool = False
    clipping: bool = False

    def add(self, matrix: Matrix, numbers: Sequence[float]) -> None:
        a, b, c, d, e, f = matrix
        for x, y in zip(numbers[::2], numbers[1::2], strict=True):
            self.points.append((a * x + c * y + e, b * x + d * y + f))

    def box(self) -> Box:
        """Around all of it; there is at least one point."""
        across = [x for x, _ in self.points]
        along = [y for _, y in self.points]
        return min(across), min(along), max(across), max(along)

    def is_box(self) -> bool:
        """One upright rectangle and nothing else, however it was drawn."""
        if self.curved or len(self.points) not in (4, 5):
            return False
        left, low, right, top = self.box()
        corners = [(_side(x, left, right), _side(y, low, top)) for x, y in self.points]
        steps = all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))
        closed = corners[0] == corners[-1] or len(corners) == 4  # noqa: PLR2004
        return steps and closed and set(corners) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def clipped(state: GraphicsState, path: Path) -> GraphicsState:
    """The state with *path* as a clip: an odd one counts as the box around it, and
    makes the page be drawn.
    """
    box = path.box()
    clip = common(state.clip, box) if state.clip else box
    return replace(state, clip=clip, plain=state.plain and path.is_box())


@dataclass(frozen=True, slots=True)
class _Mark:
    layered: bool = False
    hidden: bool = False


@dataclass(slots=True)
class MarkedContent:
    """The levels of marked content (ISO 32000-1, 14.6) around what is read."""

    _levels: list[_Mark] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        return any(mark.hidden for mark in self._levels)

    @property
    def layered(self) -> bool:
        return any(mark.layered for mark in self._levels)

    def begin(self) -> None:
        self._levels.append(_Mark())

    def begin_layer(self, *, hidden: bool) -> None:
        self._levels.append(_Mark(layered=True, hidden=hidden))

    def end(self) -> None:
        """Viewers ignore an end without a beginning."""
        if self._levels:
            self._levels.pop()


def _side(value: float, low: float, high: float) -> int | None:
    if abs(value - low) <= _NEAR:
        return 0
    return 1 if abs(value - high) <= _NEAR else None


def ink(values: Sequence[Any]) -> Ink:
    red, green, blue = (round(255 * min(1.0, max(0.0, float(v)))) for v in values)
    return red, green, blue


def is_harmless(state: Any) -> bool:
    """Whether an /ExtGState leaves images as they are."""
    return all(_leaves_alone(key, value) for key, value in state.items())


def _leaves_alone(key: str, value: Any) -> bool:
    if key in ("/ca", "/CA"):
        return float(value) == 1.0
    if key == "/BM":
        return value in (Name.Normal, Name.Compatible)
    if key == "/SMask":
        return bool(value == Name("/None"))
    return key in _HARMLESS
