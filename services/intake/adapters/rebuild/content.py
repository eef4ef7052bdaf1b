"""Reads what a PDF page draws, without drawing it (ISO 32000-1, 8 and 9).

The question is narrow: which images, where, and is *anything else* visible? What is not
understood counts as visible: the page is then rendered, never misread. Start at
``read_page``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pikepdf
from pikepdf import Dictionary, Name

from intake.adapters.rebuild import layers
from intake.adapters.rebuild.drawing import Drawing, Drawn
from intake.adapters.rebuild.layers import NO_LAYERS, Layers
from intake.adapters.rebuild.matrices import IDENTITY, common, multiply
from intake.adapters.rebuild.pages import Matrix, UnfitPage
from intake.adapters.rebuild.states import (
    BLACK,
    GraphicsState,
    Ink,
    Path,
    ink,
    is_harmless,
)
from intake.domain.scan import ScanFault

# What pikepdf and Python raise for operands of a wrong kind or number.
_NONSENSE: Final = (TypeError, ValueError, KeyError, IndexError, AttributeError)
_DEPTH: Final = 28
"""Forms within forms, less than pdfium follows: each stamp of a register adds one."""
_MOST_FORMS: Final = 5_000
"""Drawn on one page: forms that draw forms twice each must not unfold without end."""
_SLIP: Final = re.compile(r"([+-]?)[+-]*(\d+\.?\d*|\.\d+)(?:-[\d.]*)?")
"""A number as careless writers put it (``--5``, ``5-3``): an operator to qpdf, a number
to viewers. The page is drawn; here it only says where an image is."""
# Operators that say where an image lies: one that cannot be read makes that unclear.
_PLACING: Final = frozenset({"cm", "Do"})
_INVISIBLE: Final = 3
"""Text rendering mode of an OCR layer (ISO 32000-1, table 106)."""


def read_page(page: pikepdf.Page, hidden: Layers = NO_LAYERS) -> Drawing:
    """Raises UnfitPage(damaged) if the content cannot be parsed at all; ``hidden`` are
    the layers that are switched off.
    """
    drawing = Drawing()
    resources = page.obj.get("/Resources", Dictionary())
    return _read(drawing, lambda: _Reading(drawing, resources, hidden).run(page.obj))


def read_form(form: pikepdf.Object, resources: Any) -> Drawing:
    """The same of one form XObject, such as an annotation's appearance."""
    drawing = Drawing()
    return _read(drawing, lambda: _Reading(drawing, resources).enter(form))


def _read(drawing: Drawing, run: Callable[[], None]) -> Drawing:
    try:
        run()
    except (pikepdf.PdfError, *_NONSENSE) as error:
        raise UnfitPage(ScanFault.DAMAGED, "page content") from error
    return drawing


@dataclass(frozen=True, slots=True)
class _Mark:
    """One level of marked content."""

    layered: bool = False
    hidden: bool = False


class _Reading:
    """One content stream with its resources; forms open another."""

    def __init__(
        self,
        drawing: Drawing,
        resources: Any,
        hidden: Layers = NO_LAYERS,
        state: GraphicsState | None = None,
        above: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self._drawing = drawing
        self._resources = resources
        self._hidden = hidden
        self._state = state or GraphicsState()
        self._above = above
        self._stack: list[GraphicsState] = []
        self._marks: list[_Mark] = []
        self._path = Path()

    def run(self, stream: Any) -> None:
        slips: list[Any] = []
        for instruction in pikepdf.parse_content_stream(stream):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                self._drawn(None, BLACK, changed=True)
                continue
            operator = bytes(instruction.operator).decode("latin-1")
            operands = [*slips, *instruction.operands]
            slips = []
            if (slip := _SLIP.fullmatch(operator)) is not None:
                slips = [*operands, float(slip[1] + slip[2])]
                self._drawing.unclear = True
                self._visible()
                continue
            try:
                self._follow(operator, operands)
            except _NONSENSE:
                # A viewer skips such an operator or guesses: the page is drawn.
                self._drawing.unclear |= operator in _PLACING
                self._visible()

    def _follow(self, operator: str, operands: list[Any]) -> None:
        act = _ACTS.get(operator)
        if act is not None:
            act(self, operands)
        elif operator not in _SILENT:
            self._visible()

    def enter(self, form: pikepdf.Object) -> None:
        """Read a form: its matrix, its box as a clip, its content."""
        if form.objgen in self._above or len(self._above) >= _DEPTH:
            raise UnfitPage(ScanFault.DAMAGED, "forms within forms")
        self._drawing.forms += 1
        if self._drawing.forms > _MOST_FORMS:
            raise UnfitPage(ScanFault.TOO_MUCH_WORK, "forms")
        above = (*self._above, form.objgen)
        matrix = _matrix(form.get("/Matrix", IDENTITY))
        matrix = multiply(matrix, self._state.matrix)
        hidden, layered = self._is_hidden(), self._is_layered()
        state = replace(self._state, matrix=matrix, hidden=hidden, layered=layered)
        resources = form.get("/Resources", self._resources)
        inner = _Reading(self._drawing, resources, self._hidden, state, above)
        inner.rectangle(_as_rectangle(form["/BBox"]))
        inner.clip([])
        inner.end_path([])
        inner.run(form)

    def _visible(self) -> None:
        if not self._is_hidden():
            self._drawing.other = True

    def _is_hidden(self) -> bool:
        return self._state.hidden or any(mark.hidden for mark in self._marks)

    def _is_layered(self) -> bool:
        return self._state.layered or any(mark.layered for mark in self._marks)

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
            self._visible()

    def graphics_state(self, operands: list[Any]) -> None:
        state = self._resources.get("/ExtGState", Dictionary()).get(operands[0])
        try:
            harmless = isinstance(state, Dictionary) and is_harmless(state)
        except _NONSENSE as error:
            # One reader takes a senseless alpha for 0 and draws nothing, others for 1.
            raise UnfitPage(ScanFault.DAMAGED, "graphics state") from error
        if not harmless:
            self._state = replace(self._state, plain=False)

    def grey(self, operands: list[Any]) -> None:
        self._fill(ink([*operands] * 3))

    def rgb(self, operands: list[Any]) -> None:
        self._fill(ink(operands))

    def other_colour(self, _: list[Any]) -> None:
        self._fill(None)

    def _fill(self, colour: Ink | None) -> None:
        self._state = replace(self._state, ink=colour)

    def rectangle(self, operands: list[Any]) -> None:
        x, y, w, h = (float(v) for v in operands)
        self.line([x, y, x + w, y, x + w, y + h, x, y + h])

    def line(self, operands: list[Any]) -> None:
        self._path.add(self._state.matrix, [float(v) for v in operands])

    def curve(self, operands: list[Any]) -> None:
        self._path.curved = True
        self.line(operands)

    def clip(self, _: list[Any]) -> None:
        self._path.clipping = True

    def end_path(self, _: list[Any]) -> None:
        path, self._path = self._path, Path()
        if path.clipping and path.points:  # readers ignore a clip without a path
            self._cut(path)

    def paint(self, operands: list[Any]) -> None:
        self._visible()
        self.end_path(operands)

    def _cut(self, path: Path) -> None:
        """An odd path counts as the box around it, and makes the page be drawn."""
        state, box = self._state, path.box()
        clip = common(state.clip, box) if state.clip else box
        plain = state.plain and path.is_box()
        self._state = replace(state, clip=clip, plain=plain)

    def marked(self, operands: list[Any]) -> None:
        """BDC: a layer, if its tag is /OC; its properties stand in the resources."""
        if not operands or operands[0] != Name.OC:
            self._marks.append(_Mark())
            return
        named = operands[1] if len(operands) > 1 else None
        properties = self._resources.get("/Properties", Dictionary())
        group = properties.get(named) if isinstance(named, Name) else named
        self._drawing.layered = True
        self._marks.append(
            _Mark(layered=True, hidden=layers.is_off(group, self._hidden))
        )

    def plain_mark(self, _: list[Any]) -> None:
        self._marks.append(_Mark())

    def end_mark(self, _: list[Any]) -> None:
        if self._marks:
            self._marks.pop()

    def draw(self, operands: list[Any]) -> None:
        xobject = self._resources.get("/XObject", Dictionary()).get(operands[0])
        if not isinstance(xobject, pikepdf.Stream):
            return
        before = self._state
        if "/OC" in xobject:
            self._drawing.layered = True
            off = before.hidden or layers.is_off(xobject.OC, self._hidden)
            self._state = replace(before, layered=True, hidden=off)
        self._draw(xobject)
        self._state = before

    def _draw(self, xobject: pikepdf.Object) -> None:
        if xobject.get("/Subtype") == Name.Image:
            stencil = bool(xobject.get("/ImageMask", False))
            colours = self._resources.get("/ColorSpace", Dictionary())
            changed = "/DefaultRGB" in colours or "/DefaultGray" in colours
            colour = self._state.ink if stencil else BLACK
            self._drawn(xobject, colour, changed=changed)
        elif xobject.get("/Subtype") == Name.Form:
            self.enter(xobject)
        else:
            self._visible()

    def _drawn(
        self, image: pikepdf.Object | None, colour: Ink | None, *, changed: bool
    ) -> None:
        if self._is_hidden():
            return
        state = self._state
        plain = state.plain and not changed and not self._is_layered()
        drawn = Drawn(image, state.matrix, state.clip, plain, colour)
        self._drawing.images.append(drawn)


_ACTS: Final[dict[str, Callable[[_Reading, list[Any]], None]]] = {
    "q": _Reading.save,
    "Q": _Reading.restore,
    "cm": _Reading.transform,
    "gs": _Reading.graphics_state,
    "Do": _Reading.draw,
    "Tr": _Reading.text_mode,
    "BDC": _Reading.marked,
    "BMC": _Reading.plain_mark,
    "EMC": _Reading.end_mark,
    "g": _Reading.grey,
    "rg": _Reading.rgb,
    "re": _Reading.rectangle,
    "n": _Reading.end_path,
    "sh": _Reading.paint,
    **dict.fromkeys(("Tj", "TJ", "'", '"'), _Reading.text),
    **dict.fromkeys(("k", "cs", "sc", "scn"), _Reading.other_colour),
    **dict.fromkeys(("m", "l"), _Reading.line),
    **dict.fromkeys(("c", "v", "y"), _Reading.curve),
    **dict.fromkeys(("W", "W*"), _Reading.clip),
    **dict.fromkeys(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s"), _Reading.paint),
}
_SILENT: Final = frozenset(
    {
        *("h", "w", "J", "j", "M", "d", "ri", "i", "BT", "ET", "d0", "d1", "BX", "EX"),
        *("Tc", "Tw", "Tz", "TL", "Tf", "Ts", "Td", "TD", "Tm", "T*"),
        *("G", "RG", "K", "CS", "SC", "SCN", "MP", "DP"),
    }
)
"""Operators that mark nothing by themselves. An unknown one counts as visible."""


def _matrix(values: Any) -> Matrix:
    a, b, c, d, e, f = (float(v) for v in values)
    return a, b, c, d, e, f


def _as_rectangle(box: Any) -> list[float]:
    left, low, right, top = (float(v) for v in box)
    return [left, low, right - left, top - low]
