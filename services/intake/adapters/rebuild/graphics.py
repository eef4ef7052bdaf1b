"""The operators of a content stream that change how it draws, and draw nothing
(ISO 32000-1, 8.4 to 8.6). Those that draw stand in ``content``, which alone uses this.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from intake.adapters.rebuild.matrices import matrix, multiply
from intake.adapters.rebuild.states import GraphicsState, Ink, Path, clipped, ink


class Graphics:
    """The graphics state of one stream, those it has saved, and the path it builds.

    What is no operand of an operator is raised as Python raises it.
    """

    def __init__(self, state: GraphicsState) -> None:
        self.state = state
        self._saved: list[GraphicsState] = []
        self._path = Path()

    def save(self, _: list[Any]) -> None:
        self._saved.append(self.state)

    def restore(self, _: list[Any]) -> None:
        if self._saved:
            self.state = self._saved.pop()

    def transform(self, operands: list[Any]) -> None:
        moved = multiply(matrix(operands), self.state.matrix)
        self.state = replace(self.state, matrix=moved)

    def text_mode(self, operands: list[Any]) -> None:
        self.state = replace(self.state, text_mode=int(operands[0]))

    def grey(self, operands: list[Any]) -> None:
        self._fill(ink([*operands] * 3))

    def rgb(self, operands: list[Any]) -> None:
        self._fill(ink(operands))

    def other_colour(self, _: list[Any]) -> None:
        self._fill(None)

    def _fill(self, colour: Ink | None) -> None:
        self.state = replace(self.state, ink=colour)

    def rectangle(self, operands: list[Any]) -> None:
        x, y, w, h = (float(v) for v in operands)
        self.line([x, y, x + w, y, x + w, y + h, x, y + h])

    def clip_to(self, box: Any) -> None:
        """Clip to a rectangle of two corners, such as a form's box."""
        left, low, right, top = (float(v) for v in box)
        self.rectangle([left, low, right - left, top - low])
        self.clip([])
        self.end_path([])

    def line(self, operands: list[Any]) -> None:
        self._path.add(self.state.matrix, [float(v) for v in operands])

    def curve(self, operands: list[Any]) -> None:
        self._path.curved = True
        self.line(operands)

    def clip(self, _: list[Any]) -> None:
        self._path.clipping = True

    def end_path(self, _: list[Any]) -> None:
        path, self._path = self._path, Path()
        if path.clipping and path.points:  # readers ignore a clip without a path
            self.state = clipped(self.state, path)


CHANGES: Final[dict[str, Callable[[Graphics, list[Any]], None]]] = {
    "q": Graphics.save,
    "Q": Graphics.restore,
    "cm": Graphics.transform,
    "Tr": Graphics.text_mode,
    "g": Graphics.grey,
    "rg": Graphics.rgb,
    "re": Graphics.rectangle,
    "n": Graphics.end_path,
    **dict.fromkeys(("k", "cs", "sc", "scn"), Graphics.other_colour),
    **dict.fromkeys(("m", "l"), Graphics.line),
    **dict.fromkeys(("c", "v", "y"), Graphics.curve),
    **dict.fromkeys(("W", "W*"), Graphics.clip),
}
"""What each operator changes, by its name."""
