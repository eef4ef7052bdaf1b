"""What one page of the working copy shows, before anything of it is decoded."""

from dataclasses import dataclass

from intake.adapters.rebuild import drawing, geometry
from intake.adapters.rebuild.flat import Leaf


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page with what it draws and where; ``index`` counts from 0."""

    index: int
    leaf: Leaf
    drawing: drawing.Drawing
    sheet: geometry.Sheet

    @property
    def has_images(self) -> bool:
        return any(spot.is_seen for spot in self.sheet.spots)

    @property
    def is_bare(self) -> bool:
        """Nothing is to be seen but images, if anything."""
        return not (self.drawing.other or self.leaf.annotated)

    def covers(self, share: float) -> bool:
        return self.has_images and geometry.covered(self.sheet) >= share

    @property
    def is_scan(self) -> bool:
        """At least half of it is raster images, or nothing else is to be seen."""
        bare = self.is_bare and self.has_images
        return bare or self.covers(geometry.SCAN_COVERS)

    @property
    def is_plainly_scan(self) -> bool:
        """The same beside typed pages, where a logo alone may be a title page."""
        if self.is_bare and self.covers(geometry.MORE_THAN_A_LOGO):
            return True
        return self.covers(geometry.SCAN_COVERS)
