"""Reads what a PDF page draws, without drawing it (ISO 32000-1, 8 and 9).

The question is narrow: which images, where, and is *anything else* visible? What is
not understood counts as visible: the page is then rendered, never misread.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pikepdf
from pikepdf import Dictionary, Name

from intake.adapters.rebuild.matrices import IDENTITY, Box, bounds, common, multiply
from intake.adapters.rebuild.pages import Matrix, Unfit
from intake.domain.scan import ScanFault

_DEPTH: Final = 8
_SLACK: Final = 1.0
"""Points that a clip may cut off an image's edge and still count as not clipping."""
_INVISIBLE: Final = 3
"""Text rendering mode of an OCR layer."""
_HARMLESS_STATE: Final = frozenset(
    {
        *("/Type", "/SA", "/OP", "/op", "/OPM", "/RI", "/FL", "/SM", "/AIS"),
        *("/LW", "/LC", "/LJ", "/ML", "/D", "/TK"),
    }
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One image as the page draws it."""

    image: pikepdf.Object
    matrix: Matrix
    liftable: bool
    """Nothing of the graphics state changes it: no clip, no alpha, no colour."""


@dataclass(slots=True)
class Drawing:
    """All that a page draws."""

    images: list[Drawn] = field(default_factory=list)
    inline: list[Matrix] = field(default_factory=list)
    """Inline images: they count as a scan, but are never lifted."""
    other: bool = False
    """Something visible that is no image."""
    hidden_text: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    matrix: Matrix = IDENTITY
    clip: Box | None = None
    plain: bool = True
    """No alpha, blend mode, mask, odd clip."""
    black: bool = True
    """The fill colour, for stencil masks."""
    text_mode: int = 0


def read_page(page: pikepdf.Page) -> Drawing:
    """Raises Unfit(damaged) if the content cannot be parsed at all."""
    drawing = Drawing()
    reading = _Reading(drawing, _resources(page.obj), _State(), 0)
    try:
        reading.run(page.obj)
    except (pikepdf.PdfError, TypeError, ValueError, KeyError, IndexError) as error:
        raise Unfit(ScanFault.DAMAGED, "page content") from error
    return drawing


class _Reading:
    """One content stream with its resources; forms open another."""

    def __init__(
        self, drawing: Drawing, resources: Any, state: _State, depth: int
    ) -> None:
        self._drawing = drawing
        self._resources = resources
        self._state = state
        self._depth = depth
        self._stack: list[_State] = []
        self._path: list[Box | None] = []
        self._clipping = False

    def run(self, stream: Any) -> None:
        for instruction in pikepdf.parse_content_stream(stream):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                self._inline()
                continue
            operator = str(instruction.operator)
            act = _ACTS.get(operator)
            if act is None:
                self._drawing.other = self._drawing.other or operator not in _SILENT
                continue
            act(self, list(instruction.operands))

    def _inline(self) -> None:
        self._drawing.inline.append(self._state.matrix)

    def save(self, _: list[Any]) -> None:
        self._stack.append(self._state)

    def restore(self, _: list[Any]) -> None:
        if self._stack:
            self._state = self._stack.pop()

    def transform(self, operands: list[Any]) -> None:
        matrix = _matrix(operands)
        self._state = replace(self._state, matrix=multiply(matrix, self._state.matrix))

    def text_mode(self, operands: list[Any]) -> None:
        self._state = replace(self._state, text_mode=int(operands[0]))

    def text(self, _: list[Any]) -> None:
        if self._state.text_mode == _INVISIBLE:
            self._drawing.hidden_text = True
        else:
            self._drawing.other = True

    def graphics_state(self, operands: list[Any]) -> None:
        state = self._resources.get("/ExtGState", Dictionary())[operands[0]]
        if not _is_harmless(state):
            self._state = replace(self._state, plain=False)

    def grey(self, operands: list[Any]) -> None:
        self._fill(black=[float(v) for v in operands] == [0.0])

    def rgb(self, operands: list[Any]) -> None:
        self._fill(black=[float(v) for v in operands] == [0.0, 0.0, 0.0])

    def other_colour(self, _: list[Any]) -> None:
        self._fill(black=False)

    def _fill(self, *, black: bool) -> None:
        self._state = replace(self._state, black=black)

    def rectangle(self, operands: list[Any]) -> None:
        x, y, w, h = (float(v) for v in operands)
        upright = _axis_aligned(self._state.matrix)
        box = bounds(self._state.matrix, (x, y, x + w, y + h))
        self._path.append(box if upright else None)

    def line(self, _: list[Any]) -> None:
        self._path.append(None)

    def clip(self, _: list[Any]) -> None:
        self._clipping = True

    def end_path(self, _: list[Any]) -> None:
        if self._clipping:
            self._cut(self._path)
        self._path, self._clipping = [], False

    def paint(self, operands: list[Any]) -> None:
        self._drawing.other = True
        self.end_path(operands)

    def _cut(self, path: list[Box | None]) -> None:
        box = path[0] if len(path) == 1 else None
        if box is None:
            self._state = replace(self._state, plain=False)
            return
        clip = common(self._state.clip, box) if self._state.clip else box
        self._state = replace(self._state, clip=clip)

    def marked(self, operands: list[Any]) -> None:
        """Optional content may be hidden from one reader and shown to another."""
        if operands and operands[0] == Name.OC:
            self._drawing.other = True

    def draw(self, operands: list[Any]) -> None:
        xobject = self._resources.get("/XObject", Dictionary()).get(operands[0])
        if xobject is None:
            return
        if "/OC" in xobject:
            self._drawing.other = True
        if xobject.get("/Subtype") == Name.Image:
            self._image(xobject)
        elif xobject.get("/Subtype") == Name.Form:
            self._form(xobject)
        else:
            self._drawing.other = True

    def _image(self, image: pikepdf.Object) -> None:
        state = self._state
        stencil_ok = state.black or not bool(image.get("/ImageMask", False))
        liftable = state.plain and stencil_ok and self._whole(state)
        if "/DefaultRGB" in self._colours() or "/DefaultGray" in self._colours():
            liftable = False
        self._drawing.images.append(Drawn(image, state.matrix, liftable))

    def _colours(self) -> Any:
        return self._resources.get("/ColorSpace", Dictionary())

    def _whole(self, state: _State) -> bool:
        if state.clip is None:
            return True
        box = bounds(state.matrix)
        inside = common(box, state.clip)
        return all(abs(a - b) <= _SLACK for a, b in zip(box, inside, strict=True))

    def _form(self, form: pikepdf.Object) -> None:
        if self._depth >= _DEPTH:
            raise Unfit(ScanFault.DAMAGED, "forms within forms")
        matrix = _matrix(form.get("/Matrix", IDENTITY))
        matrix = multiply(matrix, self._state.matrix)
        state = replace(self._state, matrix=matrix)
        resources = form.get("/Resources", self._resources)
        inner = _Reading(self._drawing, resources, state, self._depth + 1)
        inner.rectangle(_as_rectangle(form["/BBox"]))
        inner.clip([])
        inner.end_path([])
        inner.run(form)


_ACTS: Final[dict[str, Callable[[_Reading, list[Any]], None]]] = {
    "q": _Reading.save,
    "Q": _Reading.restore,
    "cm": _Reading.transform,
    "gs": _Reading.graphics_state,
    "Do": _Reading.draw,
    "Tr": _Reading.text_mode,
    "BDC": _Reading.marked,
    "g": _Reading.grey,
    "rg": _Reading.rgb,
    "re": _Reading.rectangle,
    "n": _Reading.end_path,
    "sh": _Reading.paint,
    **dict.fromkeys(("Tj", "TJ", "'", '"'), _Reading.text),
    **dict.fromkeys(("k", "cs", "sc", "scn"), _Reading.other_colour),
    **dict.fromkeys(("m", "l", "c", "v", "y", "h"), _Reading.line),
    **dict.fromkeys(("W", "W*"), _Reading.clip),
    **dict.fromkeys(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s"), _Reading.paint),
}
_SILENT: Final = frozenset(
    {
        *("w", "J", "j", "M", "d", "ri", "i", "BT", "ET", "d0", "d1", "BX", "EX"),
        *("Tc", "Tw", "Tz", "TL", "Tf", "Ts", "Td", "TD", "Tm", "T*"),
        *("G", "RG", "K", "CS", "SC", "SCN", "BMC", "EMC", "MP", "DP"),
    }
)
"""Operators that mark nothing by themselves. An unknown one counts as visible."""


def _resources(page: Any) -> Dictionary:
    found: Dictionary = pikepdf.Page(page).resources
    return found


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(v) for v in values)
    return a, b, c, d, e, f


def _as_rectangle(box: Any) -> list[float]:
    left, low, right, top = (float(v) for v in box)
    return [left, low, right - left, top - low]


def _axis_aligned(m: Matrix) -> bool:
    return (m[1] == m[2] == 0.0) or (m[0] == m[3] == 0.0)


def _is_harmless(state: Any) -> bool:
    return all(_harmless(key, value) for key, value in _items(state))


def _items(dictionary: Any) -> Iterator[tuple[str, Any]]:
    yield from dictionary.items()


def _harmless(key: str, value: Any) -> bool:
    if key in ("/ca", "/CA"):
        return float(value) == 1.0
    if key == "/BM":
        return value in (Name.Normal, Name.Compatible)
    if key == "/SMask":
        return bool(value == Name("/None"))
    return key in _HARMLESS_STATE
