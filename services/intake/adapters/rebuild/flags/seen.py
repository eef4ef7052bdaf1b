"""All that one look at a page's picture finds. Start at ``seen``."""

from dataclasses import dataclass
from typing import Final

from PIL import Image

from intake.adapters.rebuild.flags.blank import is_bare, is_blank
from intake.adapters.rebuild.flags.blurred import is_blurred
from intake.adapters.rebuild.flags.edges import is_cut
from intake.adapters.rebuild.flags.likeness import Likeness, likeness
from intake.adapters.rebuild.flags.lines import Lean, lean, straightened, without_rules
from intake.adapters.rebuild.flags.look import Bands, Look, at_looking_width, look_at
from intake.adapters.rebuild.flags.turned import WayUp, is_upside_down, way

SKEWED: Final = 2.0
"""Degrees that a page leans before the desk says so."""
_HARDLY_ANY: Final = 0.02
"""The share of ink up to which a page is looked at for being bare: text has more."""
_PIECES: Final = 6
"""Pieces of lines of text: fewer say nothing of a page."""
_PLAINLY: Final = 0.4
"""How much rows alternate in the direction of text, and so that the other one need not
be looked at. Read across their lines, the labelled pages have 0.2 at most.
"""
_MANY: Final = 40
"""Pieces that no dust and no grain look like."""


@dataclass(frozen=True, slots=True)
class _Text:
    """The page turned so that its lines lie level."""

    lying: bool
    """Whether they run up the page as it is seen."""
    lean: Lean
    way: WayUp


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page's picture shows, for ``PageFacts``."""

    flags: tuple[str, ...]
    lean: float = 0.0
    """Degrees that its lines lean, counter-clockwise positive; 0 without lines."""
    look: Look | None = None
    """None of a page on which nothing is."""
    text: _Text | None = None

    def likeness(self) -> Likeness | None:
        """What other pages of the file are compared with; made when it is asked for,
        because it costs a third of the look and many files have one page.
        """
        if self.look is None:
            return None
        if self.text is None:
            return likeness(self.look, None, lying=False)
        return likeness(self.look, self.text.lean.degrees, lying=self.text.lying)


def seen(image: Image.Image) -> Seen:
    """*image*: the page upright as the desk shows it (``preview.preview``)."""
    grey = at_looking_width(image)
    look = look_at(grey)
    text = _text(look)
    if _shows_nothing(grey, look, text):
        return Seen(("blank",))
    flags = ["cut-edges"] if is_cut(look) else []
    flags += ["blurred"] if is_blurred(look) else []
    flags += [] if text is None else _ways(text)
    return Seen(tuple(flags), _leaning(text), look, text)


def _shows_nothing(grey: Image.Image, look: Look, text: _Text | None) -> bool:
    """A page full of text is not asked: looking for its marks costs as much as all the
    rest.
    """
    if text is not None and text.way.pieces >= _MANY and look.inked >= _HARDLY_ANY:
        return False
    return is_blank(grey) or (look.inked < _HARDLY_ANY and is_bare(look))


def _text(look: Look) -> _Text | None:
    """None of a page without lines of text. Where both directions stand out, one is
    ruled: print alternates with paper in one alone.
    """
    across = _read(look.across, lying=False)
    if across is not None and across.way.striped >= _PLAINLY:
        return across
    read = [text for text in (across, _read(look.up, lying=True)) if text is not None]
    return max(read, key=lambda text: text.way.striped, default=None)


def _read(bands: Bands, *, lying: bool) -> _Text | None:
    found = lean(bands)
    if found is None:
        return None
    level = without_rules(straightened(bands, found.degrees))
    return _Text(lying, found, way(level))


def _leaning(text: _Text | None) -> float:
    few = text is None or text.way.pieces < _PIECES
    return 0.0 if few or text is None else round(text.lean.degrees, 2)


def _ways(text: _Text) -> list[str]:
    if text.way.pieces < _PIECES:
        return []
    flags = ["skewed"] if abs(text.lean.degrees) > SKEWED else []
    if text.lying:
        return [*flags, "sideways"]
    return [*flags, "upside-down"] if is_upside_down(text.way) else flags
