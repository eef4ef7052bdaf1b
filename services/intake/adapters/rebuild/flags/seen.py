"""All that one look at a page's picture finds. Start at ``seen``."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from intake.adapters.rebuild.flags.blank import is_bare, is_blank
from intake.adapters.rebuild.flags.blurred import is_blurred
from intake.adapters.rebuild.flags.edges import is_cut
from intake.adapters.rebuild.flags.likeness import Likeness, likeness
from intake.adapters.rebuild.flags.lines import Lean, lean, straightened, without_rules
from intake.adapters.rebuild.flags.look import Look, Mask, at_looking_width, look_at
from intake.adapters.rebuild.flags.turned import Way, is_upside_down, way

SKEWED: Final = 2.0
"""Degrees that a page leans before the desk says so."""
_TEXT: Final = 1.35
"""How much more rows stand out at the best angle than at the median one, where there
are lines of text: the labelled set's pages without any have at most 1.3."""
_HARDLY_ANY: Final = 0.02
"""The share of ink up to which a page is looked at for being bare: text has more."""
_PIECES: Final = 6
"""Pieces of lines of text: fewer say nothing of a page."""
_RULE: Final = 60
"""Pixels, 11 mm: a stroke that long is no letter's."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page's picture shows, for ``PageFacts``."""

    flags: tuple[str, ...]
    likeness: Likeness | None = None


def seen(image: Image.Image) -> Seen:
    """*image*: the page upright as the desk shows it (``preview.preview``)."""
    image = at_looking_width(image)
    look = look_at(image)
    hardly_any = look.ink.mean() < _HARDLY_ANY
    if is_blank(image) or (hardly_any and is_bare(look)):
        return Seen(("blank",))
    flags = ["cut-edges"] if is_cut(look) else []
    flags += ["blurred"] if is_blurred(look) else []
    text = _text(look)
    level = look.ink if text is None else text.level
    flags += [] if text is None else _ways(text)
    return Seen(tuple(flags), likeness(level))


@dataclass(frozen=True, slots=True)
class _Text:
    """The page turned so that its lines lie level."""

    lying: bool
    """Whether they run up the page as it is seen."""
    lean: Lean
    level: Mask
    way: Way


def _text(look: Look) -> _Text | None:
    """None of a page without lines of text. Where both directions stand out, one is
    ruled: print alternates with paper in one alone.
    """
    across, up = lean(look.ink), lean(np.ascontiguousarray(look.ink.T))
    read = [
        _read(look, found, lying=lying)
        for found, lying in ((across, False), (up, True))
        if found is not None and found.sharpness >= _TEXT
    ]
    return max(read, key=lambda text: text.way.striped, default=None)


def _read(look: Look, found: Lean, *, lying: bool) -> _Text:
    ink = np.ascontiguousarray(look.ink.T[:, ::-1]) if lying else look.ink
    level = straightened(ink, -found.degrees if lying else found.degrees)
    level = without_rules(level, _RULE)
    return _Text(lying, found, level, way(level))


def _ways(text: _Text) -> list[str]:
    if text.way.pieces < _PIECES:
        return []
    flags = ["skewed"] if abs(text.lean.degrees) > SKEWED else []
    if text.lying:
        return [*flags, "sideways"]
    return [*flags, "upside-down"] if is_upside_down(text.way) else flags
