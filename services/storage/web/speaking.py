"""Names as people say them, from names as the clause prints them."""

from collections.abc import Sequence
from typing import Final

SHORT: Final = (("ỦY BAN NHÂN DÂN", "UBND"), ("UỶ BAN NHÂN DÂN", "UBND"))
WHOLE: Final = frozenset({"UBND", "HĐND"})
SMALL: Final = frozenset(
    "phường xã đặc khu tỉnh thành phố thị trấn quận huyện".split()  # noqa: SIM905 - reads as words
)
CHAIR: Final = "chủ tịch"
DIGITS_TOGETHER: Final = 8
OTHER_ADDRESSES: Final = {
    "/kiem-tra": "/verify",
    "/verify": "/kiem-tra",
    "/cach-kiem-tra": "/how-to-check",
    "/how-to-check": "/cach-kiem-tra",
    "/so-lieu": "/figures",
    "/figures": "/so-lieu",
}


def spoken_agency(lines: Sequence[str]) -> str:
    """``ỦY BAN NHÂN DÂN / PHƯỜNG HOA BAN`` → ``UBND phường Hoa Ban``."""
    # Both spellings of the Ủ and the Ỷ are in use; whoever writes small letters has
    # chosen their words, and they stay.
    name = " ".join(lines)
    for long, short in SHORT:
        name = name.replace(long, short)
    if not name.isupper():
        return name
    return " ".join(_spoken_word(word) for word in name.split())


def spoken_title(lines: Sequence[str]) -> str:
    """``KT. CHỦ TỊCH / PHÓ CHỦ TỊCH`` → ``Phó Chủ tịch``: the office itself."""
    title = lines[-1] if lines else ""
    if not title.isupper():
        return title
    return title.capitalize().replace(CHAIR, CHAIR.capitalize())


def grouped(digest: str) -> str:
    """A digest in groups that an eye can compare."""
    return " ".join(
        digest[i : i + DIGITS_TOGETHER] for i in range(0, len(digest), DIGITS_TOGETHER)
    )


def _spoken_word(word: str) -> str:
    if word in WHOLE:
        return word
    small = word.lower()
    return small if small in SMALL else small.capitalize()


def other_address(path: str, lang: str) -> str:
    """The same page in the other language: no cookie, the address says it."""
    if path in OTHER_ADDRESSES:
        return OTHER_ADDRESSES[path]
    return "?lang=vi" if lang == "en" else "?lang=en"
