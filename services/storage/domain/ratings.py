"""What a citizen says of the office after the download: one to five, and words if they
like. It is never kept beside the copy or the link (docs/decisions/0155).

Start at ``rating_of``; ``reports`` is what the desk hears.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from ecopy.events import CitizensWords, RatingsReported
from ecopy.figure_events import LEAST_RATINGS, MOST_WORDS, WORDS_CHARACTERS, StarCounts

STARS: Final = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Rating:
    stars: int
    """1 (very dissatisfied) to 5 (very satisfied)."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class DatedRating:
    agency: str
    day: date
    rating: Rating


def rating_of(fields: Mapping[str, str]) -> Rating | None:
    """What the form says; None where no number of one to five was chosen."""
    stars = next((n for n in STARS if fields.get("stars") == str(n)), None)
    if stars is None:
        return None
    printed = "".join(c if c.isprintable() else " " for c in fields.get("words", ""))
    return Rating(stars, " ".join(printed.split())[:WORDS_CHARACTERS])


def star_counts(ratings: Iterable[Rating]) -> StarCounts:
    given = [each.stars for each in ratings]
    first, second, third, fourth, fifth = (given.count(n) for n in STARS)
    return first, second, third, fourth, fifth


def by_month(
    ratings: Iterable[DatedRating],
) -> dict[tuple[str, int, int], list[Rating]]:
    """Agency, year and month → what was said."""
    found: dict[tuple[str, int, int], list[Rating]] = defaultdict(list)
    for each in ratings:
        found[each.agency, each.day.year, each.day.month].append(each.rating)
    return found


def reports(
    ratings: Iterable[DatedRating], now: datetime
) -> tuple[RatingsReported, ...]:
    """One for each agency and month of which enough was said that nobody can tell who
    said what.
    """
    return tuple(
        RatingsReported(
            at=now,
            agency=agency,
            year=year,
            month=month,
            stars=star_counts(said),
            words=_words(said),
        )
        for (agency, year, month), said in sorted(by_month(ratings).items())
        if len(said) >= LEAST_RATINGS
    )


def _words(said: Iterable[Rating]) -> tuple[CitizensWords, ...]:
    """The least satisfied first, and among them by their letters: no order of time."""
    worded = [each for each in said if each.words]
    worded.sort(key=lambda each: (each.stars, each.words))
    shown = worded[:MOST_WORDS]
    return tuple(CitizensWords(stars=each.stars, text=each.words) for each in shown)
