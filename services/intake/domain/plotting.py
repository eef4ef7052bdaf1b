"""Places and lengths of what a plot draws; the template draws it, as SVG.

Own code and no plotting library: two plots of some bars and lines, whose texts are the
page's own words in both languages and whose colours are its style sheet's. Start at
``bars``.
"""

from collections.abc import Sequence
from typing import Final

from intake.domain.figures import STEPS, Measured, SlotCount, Spread, Step
from intake.domain.views.overview import Bar, Reach, StarBar

WIDTH: Final = 600.0
FLOOR: Final = 176.0
"""Where the bars stand, from the top of the box."""
TALLEST: Final = 140.0
BAR: Final = 46.0
LINE_LEFT: Final = 150.0
LINE_LENGTH: Final = 310.0
FIRST_LINE: Final = 24.0
LINE_STEP: Final = 40.0


def bars(slots: Sequence[SlotCount]) -> tuple[Bar, ...]:
    """One bar for each, the tallest as tall as the plot; none is taller than its count
    allows, so that 2 never looks like 1.
    """
    most = max((each.on_time + each.late for each in slots), default=0)
    scale = TALLEST / most if most else 0.0
    room = WIDTH / max(len(slots), 1)
    return tuple(_bar(each, at * room, room, scale) for at, each in enumerate(slots))


def reaches(figures: Measured) -> tuple[Reach, ...]:
    """One line for each step that took place, on one scale."""
    known: list[tuple[Step, Spread]] = [
        (step, figures.steps[step]) for step in STEPS if step in figures.steps
    ]
    longest = max((found.most.total_seconds() for _, found in known), default=0.0)
    scale = LINE_LENGTH / longest if longest else 0.0
    middle = max((found.middle for _, found in known), default=None)
    return tuple(
        Reach(
            step=step,
            spread=found,
            down=FIRST_LINE + at * LINE_STEP,
            dot=_place(found.middle.total_seconds() * scale),
            end=_place(found.most.total_seconds() * scale),
            longest=found.middle == middle,
        )
        for at, (step, found) in enumerate(known)
    )


def star_bars(counts: Sequence[int]) -> tuple[StarBar, ...]:
    """One line for each number of stars, the best on top, on one scale."""
    scale = LINE_LENGTH / max([*counts, 1])
    best_first = enumerate(reversed(counts))
    return tuple(
        StarBar(
            stars=len(counts) - at,
            count=count,
            down=FIRST_LINE + at * LINE_STEP,
            length=round(count * scale, 1),
        )
        for at, count in best_first
    )


def _bar(count: SlotCount, start: float, room: float, scale: float) -> Bar:
    width = min(BAR, room * 0.8)
    height, late = count.on_time * scale, count.late * scale
    return Bar(
        slot=count.slot,
        on_time=count.on_time,
        late=count.late,
        left=round(start + (room - width) / 2, 1),
        top=round(FLOOR - height, 1),
        height=round(height, 1),
        late_top=round(FLOOR - height - late, 1),
        late_height=round(late, 1),
    )


def _place(length: float) -> float:
    return round(LINE_LEFT + length, 1)
