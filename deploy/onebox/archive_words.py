"""``ecopy archive scrub``: read every archived copy now, and heal what can be healed.

Storage's own command does it, also while the house runs; here it gets its sentences.
Start at ``add_words``.
"""

import argparse
import json
import subprocess
from typing import Any, Final

from onebox import programs, settings
from onebox.plain import say
from onebox.upkeep import check_database, places_of

FOUND: Final = {
    "rotten": ("nội dung bị đổi", "its bytes have changed"),
    "cut": ("độ dài sai", "its length is wrong"),
    "missing": ("không có tệp", "its file is not there"),
    "unreadable": ("không đọc được", "it cannot be read"),
}
STEP: Final = 100
"""Copies between two lines of progress."""


def add_words(commands: Any, command: Any) -> None:
    """``archive`` below *commands*; *command* makes a word with the options of all."""
    words = commands.add_parser("archive", help="the archived copies")
    below = words.add_subparsers(required=True, metavar="command")
    command(
        below,
        "scrub",
        scrub,
        "read every archived copy, heal what is not whole: exit status 0 all whole,"
        " 1 not all could be healed, 3 not readable",
    )


def scrub(needs: argparse.Namespace) -> int:
    """Exit status: 0 every copy is whole, 1 one is not and could not be healed, or an
    object is nobody's; 3 the archive or its catalogue does not answer.
    """
    places, ports = places_of(needs)
    check_database(places, "storage")
    with subprocess.Popen(  # noqa: S603 - our own program
        (settings.python(), "-m", "storage", "scrub"),
        env=settings.for_child(programs.environment("storage", places, ports)),
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        for line in running.stdout or ():
            for sentence in sentences(line):
                say(sentence)
    return running.returncode


def sentences(line: str) -> list[str]:
    """What one line of the service's answer says to a person; none for a copy that is
    whole, but for some that show how far it is.
    """
    if not line.startswith('{"'):
        return []
    said = json.loads(line)
    if "event" in said:  # a line of the service's log
        return []
    if "copy" in said:
        return _of_copy(said)
    return _at_the_end(said) if "figures" in said else []


def _of_copy(said: dict[str, Any]) -> list[str]:
    told = []
    if said["found"] != "sound":
        vietnamese, english = FOUND[said["found"]]
        end = (
            ("đã khôi phục", "healed")
            if said["healed"]
            else (
                "CHƯA khôi phục được: gắn bản sao lưu rồi chạy lại",
                "NOT healed: mount a backup and run again",
            )
        )
        told.append(
            f"✗ {said['number']} ({said['copy']}): {vietnamese}, {end[0]}"
            f" · {english}, {end[1]}"
        )
    if said["done"] % STEP == 0:
        told.append(f"  {said['done']}/{said['of']}")
    return told


def _at_the_end(said: dict[str, Any]) -> list[str]:
    told = [
        f"✗ {key}: không có trong danh mục, để nguyên; chạy ecopy reconcile"
        f" · no row of the catalogue names it, left as it is; run ecopy reconcile"
        for key in said["strays"]
    ]
    counts = said["figures"]
    checked = counts["ecopy_storage_scrub_checked_total"]
    healed = counts["ecopy_storage_scrub_healed_total"]
    lost = len(said["lost"])
    mark = "✗" if lost or told else "✓"
    told.append(
        f"{mark} Đã đọc {checked:.0f} bản sao, khôi phục {healed:.0f}, chưa được {lost}"
        f" · {checked:.0f} copies read, {healed:.0f} healed, {lost} not"
    )
    return told
