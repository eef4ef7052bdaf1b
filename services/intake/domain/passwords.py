"""Which passwords are not accepted: too short, or among the first that are tried.

Length is what counts (NIST SP 800-63B-4, 3.1.1.2, which also asks for a list of common
ones and forbids rules of composition). No list that circulates is committed here: of
their entries nearly all are shorter than ten characters, and the longer ones are what
the rules below say in general (docs/decisions/0064). Start at ``check_password``.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

PASSWORD_LENGTH: Final = 10
DRAWN_BITS: Final = 80
LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, in small letters."""
FEWEST_UNLIKE: Final = 5
"""Different characters: ``1111111111`` and ``abababab12`` have fewer."""
LONGEST_PART: Final = 4
"""A password that is one short piece again and again is as good as the piece."""
ROWS: Final = (
    "0123456789",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujm",
)
"""Keys in their order, on the rows and down the columns of a keyboard."""
COMMON: Final = (
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "pa$$word",
    "pa$$w0rd",
    "matkhau",
    "admin",
    "administrator",
    "welcome",
    "iloveyou",
    "letmein",
    "changeme",
    "qwerty",
    "azerty",
    "abc",
    "dragon",
    "football",
    "sunshine",
    "princess",
    "superman",
    "master",
    "monkey",
    "login",
    "user",
    "test",
    "root",
    "anhyeuem",
    "emyeuanh",
    "vietnam",
    "hanoi",
    "saigon",
    "chungthuc",
    "ecopy",
)
"""Words that common passwords are made of, with digits and marks behind or before:
the head of every published list, and the words of this place."""
_PADDING: Final = r"[\d\W_]{0,6}"
_PADDED: Final = re.compile(
    rf"{_PADDING}(?:(?:{'|'.join(map(re.escape, COMMON))}){_PADDING}){{1,2}}"
)


def check_password(password: str) -> None:
    """Raises ValueError with the key of its sentence."""
    if len(password.strip()) < PASSWORD_LENGTH:
        raise ValueError("error.password-short")
    if is_common(password):
        raise ValueError("error.password-common")


def is_common(password: str) -> bool:
    """Whether it is among what a guesser tries first."""
    plain = _plain(password)
    return (
        len(set(plain)) < FEWEST_UNLIKE
        or _repeats(plain)
        or _in_order(plain)
        or _PADDED.fullmatch(plain) is not None
    )


def _plain(password: str) -> str:
    """Without accents and case, so that ``Mật khẩu`` is the word it is."""
    apart = unicodedata.normalize("NFKD", password.casefold()).replace("đ", "d")
    return "".join(c for c in apart if not unicodedata.combining(c) and not c.isspace())


def _repeats(plain: str) -> bool:
    """One piece of at most ``LONGEST_PART`` characters, again and again."""
    return any(
        plain == (plain[:size] * len(plain))[: len(plain)]
        for size in range(1, LONGEST_PART + 1)
    )


def _in_order(plain: str) -> bool:
    """Neighbours of one row, forwards or backwards, round the end or once more."""
    rows = [row * 2 for row in ROWS]
    return any(plain in row or plain in row[::-1] for row in rows)


def drawn(random_bits: Callable[[int], int]) -> str:
    """A password to be read out once: 80 random bits in four groups, without letters
    that are taken for one another.
    """
    bits = random_bits(DRAWN_BITS)
    letters = [LETTERS[bits >> shift & 31] for shift in range(0, DRAWN_BITS, 5)]
    return "-".join("".join(letters[n : n + 4]) for n in range(0, len(letters), 4))
