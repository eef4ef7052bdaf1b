"""A slice of the bench's labelled pages: fails when a flag is broken.

64 pages of a seed that the bench does not use. Slow to draw, so not among the units.
"""

import pytest

from corpus.labelled.judging import FLAGS, judged_files, score

SEED = 3
FILES = 4
MOST_FALSE = 1
"""One page in so few may be judged wrongly; a broken flag misjudges all of its own."""


@pytest.fixture(scope="module", params=["scan", "photo"])
def pages(request):
    return list(judged_files(SEED, FILES, request.param))


@pytest.mark.parametrize("flag", FLAGS)
def test_the_flag_is_given_where_it_belongs(pages, flag):
    found = score(pages, flag)
    assert len(found.false) <= MOST_FALSE
    assert len(found.true) >= len(found.missed)
