"""Hot folders as an operator sets them: what cannot be watched is said at the start."""

import pytest

from chassis.starting import CannotStart
from intake.domain import agencies
from intake.settings import HotFolderSettings
from intake.wiring.inbox import check_folders
from support.intake import AGENCIES, AGENCY

KNOWN = agencies.parse(AGENCIES)


def checked(*folders):
    listed = [
        {"name": name, "path": path, "agency": agency} for name, path, agency in folders
    ]
    check_folders(HotFolderSettings(folders=listed), KNOWN)


def test_folders_that_can_be_watched_say_nothing(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    checked(("A", tmp_path / "one", AGENCY), ("B", tmp_path / "two", AGENCY))


def test_each_that_cannot_is_named_with_its_reason(tmp_path):
    (tmp_path / "one" / "in").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "one")
    one, inner = ("A", tmp_path / "one", AGENCY), tmp_path / "one" / "in"
    wrong = {
        "there is no such directory": [("A", tmp_path / "none", AGENCY)],
        "the agencies file has no agency H00": [("A", tmp_path / "one", "H00")],
        "it lies inside the hot folder A": [
            one,
            ("B", tmp_path / "one" / "in", AGENCY),
        ],
        "two have this name": [one, ("A", inner, AGENCY)],
    }
    for reason, folders in wrong.items():
        with pytest.raises(CannotStart) as raised:
            checked(*folders)
        assert reason in raised.value.en
        assert folders[-1][0] in raised.value.vi
    with pytest.raises(CannotStart, match="inside the hot folder"):
        checked(one, ("B", tmp_path / "link", AGENCY))
