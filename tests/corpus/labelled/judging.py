"""What the desk says of labelled pages, against their labels. Start at ``score``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from corpus.labelled.pages import Labelled, Taken, files
from intake.adapters.rebuild.flags.look import LOOK_WIDTH
from intake.adapters.rebuild.flags.seen import seen
from intake.adapters.rebuild.flags.twins import Sheets

FLAGS: Final = (
    *("blank", "duplicate", "upside-down", "sideways"),
    *("skewed", "blurred", "cut-edges"),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled page without its picture, and the flags that it got."""

    id: str
    labels: frozenset[str]
    either: frozenset[str]
    given: frozenset[str]
    picture: Image.Image | None = None
    """Small, of a page that was judged otherwise than it is labelled."""

    @property
    def wrong(self) -> frozenset[str]:
        return (self.labels ^ self.given) - self.either


@dataclass(frozen=True, slots=True)
class Score:
    """Ids of pages that have a flag rightly, wrongly, and not though they should."""

    true: tuple[str, ...]
    false: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def precision(self) -> float:
        return _share(self.true, self.false)

    @property
    def recall(self) -> float:
        return _share(self.true, self.missed)


def score(pages: Iterable[Judged], flag: str) -> Score:
    clear = [page for page in pages if flag not in page.either]
    return Score(
        true=tuple(p.id for p in clear if flag in p.labels and flag in p.given),
        false=tuple(p.id for p in clear if flag in p.given - p.labels),
        missed=tuple(p.id for p in clear if flag in p.labels - p.given),
    )


def judged_files(seed: int, count: int, taken: Taken) -> Iterator[Judged]:
    """The pages of so many files, each compared with those of its own file."""
    for pages in files(seed, count, taken):
        sheets = Sheets()
        for number, page in enumerate(pages, start=1):
            given = _given(page, number, sheets)
            judged = Judged(page.id, page.flags, page.either, given)
            yield (
                replace(judged, picture=_small(page.image)) if judged.wrong else judged
            )


def _small(image: Image.Image) -> Image.Image:
    small = image.convert("RGB")
    small.thumbnail((480, 480))
    return small


def as_on_the_desk(image: Image.Image) -> Image.Image:
    """A scanner's picture as the desk looks at it (``at_looking_width``)."""
    height = round(image.height * LOOK_WIDTH / image.width)
    plain = image.convert("RGB")
    return plain.resize((LOOK_WIDTH, height), Image.Resampling.BOX)


def _given(page: Labelled, number: int, sheets: Sheets) -> frozenset[str]:
    found = seen(as_on_the_desk(page.image))
    twin = sheets.twin(number, found.likeness)
    return frozenset(found.flags) | ({"duplicate"} if twin else set())


def _share(right: tuple[str, ...], wrong: tuple[str, ...]) -> float:
    """1 where there is nothing to be right or wrong about."""
    both = len(right) + len(wrong)
    return len(right) / both if both else 1.0
