"""Reads what a PDF page draws, without drawing it (ISO 32000-1, 8 and 9).

The question is narrow: which images, where, and is *anything else* visible? What is not
understood counts as visible: the page is then rendered, never misread. How operators
are written stands in ``instructions``; those that draw nothing are in ``graphics``.
Start at ``read_page``.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pikepdf
from pikepdf import Dictionary, Name

from intake.adapters.rebuild import layers
from intake.adapters.rebuild.drawing import Drawing, Drawn
from intake.adapters.rebuild.graphics import CHANGES, Graphics
from intake.adapters.rebuild.instructions import (
    INLINE_IMAGE,
    SILENT,
    SLIP,
    instructions,
)
from intake.adapters.rebuild.layers import NO_LAYERS, Layers
from intake.adapters.rebuild.matrices import IDENTITY, matrix, multiply
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.states import (
    BLACK,
    GraphicsState,
    Ink,
    MarkedContent,
    is_harmless,
)
from intake.domain.scan import ScanFault

# What pikepdf and Python raise for operands of a wrong kind or number.
_NONSENSE: Final = (TypeError, ValueError, KeyError, IndexError, AttributeError)
_DEPTH: Final = 28
"""Forms within forms, less than pdfium follows: each stamp of a register adds one."""
_MOST_FORMS: Final = 5_000
"""Drawn on one page: forms that draw forms twice each must not unfold without end."""
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
        self._graphics = Graphics(state or GraphicsState())
        self._above = above
        self._marks = MarkedContent()

    def run(self, stream: Any) -> None:
        for operator, operands in instructions(stream):
            try:
                self._follow(operator, operands)
            except _NONSENSE:
                # A viewer skips such an operator or guesses: the page is drawn.
                self._drawing.unclear |= operator in _PLACING
                self._visible()

    def _follow(self, operator: str, operands: list[Any]) -> None:
        if (change := CHANGES.get(operator)) is not None:
            change(self._graphics, operands)
        elif (act := _ACTS.get(operator)) is not None:
            act(self, operands)
        elif operator not in SILENT:
            self._visible()

    def enter(self, form: pikepdf.Object) -> None:
        """Read a form: its matrix, its box as a clip, its content."""
        if form.objgen in self._above or len(self._above) >= _DEPTH:
            raise UnfitPage(ScanFault.DAMAGED, "forms within forms")
        self._drawing.forms += 1
        if self._drawing.forms > _MOST_FORMS:
            raise UnfitPage(ScanFault.TOO_MUCH_WORK, "forms")
        above = (*self._above, form.objgen)
        state = replace(
            self._graphics.state,
            matrix=multiply(
                matrix(form.get("/Matrix", IDENTITY)), self._graphics.state.matrix
            ),
            hidden=self._is_hidden(),
            layered=self._is_layered(),
        )
        resources = form.get("/Resources", self._resources)
        inner = _Reading(self._drawing, resources, self._hidden, state, above)
        inner._graphics.clip_to(form["/BBox"])
        inner.run(form)

    def _visible(self) -> None:
        if not self._is_hidden():
            self._drawing.other = True

    def _is_hidden(self) -> bool:
        return self._graphics.state.hidden or self._marks.hidden

    def _is_layered(self) -> bool:
        return self._graphics.state.layered or self._marks.layered

    def text(self, _: list[Any]) -> None:
        if self._graphics.state.text_mode == _INVISIBLE:
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
            self._graphics.state = replace(self._graphics.state, plain=False)

    def paint(self, operands: list[Any]) -> None:
        self._visible()
        self._graphics.end_path(operands)

    def marked(self, operands: list[Any]) -> None:
        """BDC: a layer, if its tag is /OC; its properties stand in the resources."""
        if not operands or operands[0] != Name.OC:
            self._marks.begin()
            return
        named = operands[1] if len(operands) > 1 else None
        properties = self._resources.get("/Properties", Dictionary())
        group = properties.get(named) if isinstance(named, Name) else named
        self._drawing.layered = True
        self._marks.begin_layer(hidden=layers.is_off(group, self._hidden))

    def plain_mark(self, _: list[Any]) -> None:
        self._marks.begin()

    def end_mark(self, _: list[Any]) -> None:
        self._marks.end()

    def careless_number(self, _: list[Any]) -> None:
        self._drawing.unclear = True
        self._visible()

    def inline_image(self, _: list[Any]) -> None:
        self._drawn(None, BLACK, changed=True)

    def draw(self, operands: list[Any]) -> None:
        xobject = self._resources.get("/XObject", Dictionary()).get(operands[0])
        if not isinstance(xobject, pikepdf.Stream):
            return
        before = self._graphics.state
        if "/OC" in xobject:
            self._drawing.layered = True
            off = before.hidden or layers.is_off(xobject.OC, self._hidden)
            self._graphics.state = replace(before, layered=True, hidden=off)
        self._draw(xobject)
        self._graphics.state = before

    def _draw(self, xobject: pikepdf.Object) -> None:
        if xobject.get("/Subtype") == Name.Image:
            stencil = bool(xobject.get("/ImageMask", False))
            colours = self._resources.get("/ColorSpace", Dictionary())
            changed = "/DefaultRGB" in colours or "/DefaultGray" in colours
            colour = self._graphics.state.ink if stencil else BLACK
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
        state = self._graphics.state
        plain = state.plain and not changed and not self._is_layered()
        drawn = Drawn(image, state.matrix, state.clip, plain, colour)
        self._drawing.images.append(drawn)


_ACTS: Final[dict[str, Callable[[_Reading, list[Any]], None]]] = {
    "gs": _Reading.graphics_state,
    "Do": _Reading.draw,
    "BDC": _Reading.marked,
    "BMC": _Reading.plain_mark,
    "EMC": _Reading.end_mark,
    "sh": _Reading.paint,
    INLINE_IMAGE: _Reading.inline_image,
    SLIP: _Reading.careless_number,
    **dict.fromkeys(("Tj", "TJ", "'", '"'), _Reading.text),
    **dict.fromkeys(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s"), _Reading.paint),
}
