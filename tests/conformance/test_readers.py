"""What four readers show of a copy: the same, and of the original what it shows itself.

A slice of ``make bench ONLY=readers``, which shows a thousand.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.agreeing import MOST, cells_apart, disagreements
from support.authority import authority
from support.readable_copies import readable_copy
from support.readers import open_readers

COPIES = range(4)


@pytest.fixture(scope="module")
def readers():
    with open_readers() as opened:
        yield opened


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Made in a thread of their own: the browser's has a loop."""
    with (
        authority(tmp_path_factory.mktemp("authority")) as pki,
        ThreadPoolExecutor(1) as sealing,
    ):
        return list(sealing.map(lambda number: readable_copy(pki, number), COPIES))


@pytest.mark.parametrize("number", COPIES)
def test_four_readers_show_the_same_of_a_copy(readers, copies, number):
    made = copies[number]
    assert list(disagreements(readers, made.content, made.original)) == []


def test_a_line_that_one_reader_does_not_show_is_seen(readers, copies):
    """The tolerance is smaller than any line of the clause page: with one painted over,
    the same reader's own pages are too far apart.
    """
    page = readers["pdfium"](copies[0].content)[-1]
    for place in ((0, 70, 794, 95), (100, 950, 794, 970), (40, 1130, 300, 1150)):
        bent = page.copy()
        bent.paste((255, 255, 255), place)
        assert cells_apart(page, bent) > MOST
