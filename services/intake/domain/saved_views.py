"""Filters of the board under a name: a person's own, opened again by one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from intake.domain import text
from intake.domain.states import NotAllowed

MOST_VIEWS: Final = 20
NAME_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class SavedView:
    name: str
    fields: Mapping[str, str]
    """``BoardFilter.fields``; a filter that this version does not know is read as the
    plain board, as any bookmark is."""


def with_view(
    known: Sequence[SavedView], name: str, fields: Mapping[str, str]
) -> tuple[SavedView, ...]:
    """The views with one more; one of the same name is replaced where it stands. Raises
    NotAllowed without a name, and for one too many.
    """
    named = text.line(name)[:NAME_CHARACTERS].strip()
    if not named:
        raise NotAllowed("error.view-name")
    view = SavedView(named, dict(fields))
    if any(each.name == named for each in known):
        return tuple(view if each.name == named else each for each in known)
    if len(known) >= MOST_VIEWS:
        raise NotAllowed("error.view-many", most=MOST_VIEWS)
    return (*known, view)


def without_view(known: Sequence[SavedView], name: str) -> tuple[SavedView, ...]:
    return tuple(each for each in known if each.name != name)
