"""What ``ecopy archive scrub`` says of what storage found."""

import json

import pytest

from onebox.archive_words import FOUND, sentences
from storage.domain.soundness import Condition

FIGURES = {
    "ecopy_storage_scrub_checked_total": 3,
    "ecopy_storage_scrub_healed_total": 1,
}


def copy(**changes):
    line = {
        "copy": "H99/E/2026/7",
        "number": "7/2026",
        "found": "sound",
        "healed": False,
        "done": 7,
        "of": 250,
    }
    return sentences(json.dumps(line | changes))


def test_every_finding_has_its_words():
    assert FOUND.keys() == set(Condition) - {Condition.SOUND}


@pytest.mark.parametrize("found", FOUND)
def test_each_bad_number_is_named_with_what_became_of_it(found):
    (healed,) = copy(found=found, healed=True)
    (lost,) = copy(found=found)
    for line in (healed, lost):
        assert "7/2026" in line
        assert "H99/E/2026/7" in line
        assert all(words in line for words in FOUND[found])
    assert "đã khôi phục" in healed
    assert healed.endswith(", healed")
    assert "CHƯA khôi phục được" in lost
    assert "mount a backup" in lost


def test_sound_copies_are_only_counted():
    """One line for each hundred."""
    assert copy() == []
    assert copy(done=200) == ["  200/250"]


def test_lines_of_the_log_are_not_for_people():
    assert sentences('{"event": "archived_copy_healed", "copy": "x"}\n') == []
    assert sentences("2026-11-28 a traceback\n") == []


def test_the_end_counts_and_names_what_is_nobodys():
    told = sentences(
        json.dumps({"lost": ["a"], "strays": ["s/copy.pdf"], "figures": FIGURES})
    )
    assert told[0].startswith("✗ s/copy.pdf: ")
    assert "ecopy reconcile" in told[0]
    assert told[1] == (
        "✗ Đã đọc 3 bản sao, khôi phục 1, chưa được 1 · 3 copies read, 1 healed, 1 not"
    )
    (well,) = sentences(json.dumps({"lost": [], "strays": [], "figures": FIGURES}))
    assert well.startswith("✓ ")
