"""What the holder of a link says of the office, once for each link."""

from storage.domain.ratings import Rating
from storage.ports import Ratings
from storage.usecases.answering import OpenedLink


async def rate(opened: OpenedLink, rating: Rating, *, ratings: Ratings) -> bool:
    """Whether it was counted: a link is good for one rating, and the first one stays.
    Safe to repeat.
    """
    agency = opened.copy.facts.agency_code
    return await ratings.give(opened.link.token_sha256, agency, rating)
