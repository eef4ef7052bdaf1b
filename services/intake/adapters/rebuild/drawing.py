"""What a page draws, as ``content`` reads it: its images, and if there is more."""

from dataclasses import dataclass, field

import pikepdf

from intake.adapters.rebuild.matrices import Box
from intake.adapters.rebuild.pages import Matrix
from intake.adapters.rebuild.states import BLACK, Ink


@dataclass(frozen=True, slots=True)
class Drawn:
    """One raster image as the page draws it."""

    image: pikepdf.Object | None
    """None for an inline image: it counts as a scan, but is never lifted."""
    matrix: Matrix
    clip: Box | None
    """What of it may be seen; None for no bound."""
    plain: bool
    """Nothing of the graphics state changes its look: no alpha, no mask, no odd clip,
    no layer."""
    ink: Ink | None
    """The colour that a stencil is painted in, None if it is not simply known; black
    for every other image."""

    @property
    def is_liftable(self) -> bool:
        """Whether its stream alone says how it looks."""
        return self.plain and self.ink == BLACK and self.image is not None


@dataclass(slots=True)
class Drawing:
    """All that a page draws."""

    images: list[Drawn] = field(default_factory=list)
    other: bool = False
    """Something visible that is no image."""
    hidden_text: bool = False
    layered: bool = False
    """Some of it belongs to a layer that a reader may switch off."""
    unclear: bool = False
    """An operator that places or draws images makes no sense: there may be more."""
    forms: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.images or self.other or self.layered)
