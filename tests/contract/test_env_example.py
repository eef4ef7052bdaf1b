"""``.env.example`` tells the truth about the settings, both ways."""

import re

import pytest

from contract.env_example import CLASSES, FILE, example, names

LINE = re.compile(r"^# ([A-Z]+__[A-Z0-9_]+)=", re.MULTILINE)


def test_the_generated_file_is_fresh():
    """The committed file is what the generator writes today."""
    assert FILE.read_text() == example(), "run: python tests/contract/env_example.py"


@pytest.mark.parametrize("service", CLASSES)
def test_generated_names_and_settings_agree_both_ways(service):
    """Every setting is shown, and every shown name is a setting."""
    shown = [n for n in LINE.findall(FILE.read_text()) if n.startswith(service.upper())]
    assert shown == [each.name for each in names(service)]
    assert len(set(shown)) == len(shown) > 0
