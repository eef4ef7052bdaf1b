"""The logs of a house stay small while its programs run, and after a kill."""

import subprocess
import sys

from onebox.places import Places
from onebox.rotation import PIECES, report, rotate, rotate_all


def test_a_running_program_goes_on_in_the_emptied_log(tmp_path):
    """It holds the file open, as the supervisor gives it; what it wrote before is in
    the piece beside it, what it writes after at the log's new beginning.
    """
    path = tmp_path / "intake.log"
    with path.open("ab") as log:
        program = subprocess.Popen(
            [sys.executable, "-uc", "for line in iter(input, ''): print(line)"],
            stdin=subprocess.PIPE,
            stdout=log,
            text=True,
        )
    assert program.stdin is not None
    program.stdin.write("before\n" * 10)
    program.stdin.flush()
    while path.stat().st_size < 70:
        pass
    assert rotate(path, most=50)
    program.stdin.write("after\n\n")
    program.stdin.close()
    assert program.wait(30) == 0
    assert path.read_text() == "after\n"
    assert (tmp_path / "intake.log.1").read_text() == "before\n" * 10


def test_the_oldest_piece_goes(tmp_path):
    """As many as there may be, the newest as 1, and a short log is left alone."""
    path = tmp_path / "intake.log"
    for number in range(PIECES + 3):
        path.write_text(f"{number}")
        assert rotate(path, most=0)
    assert not rotate(path, most=0)
    pieces = {
        name.name: name.read_text() for name in tmp_path.iterdir() if name != path
    }
    assert pieces == {
        f"intake.log.{piece}": f"{PIECES + 3 - piece}" for piece in range(1, PIECES + 1)
    }


def test_what_a_killed_house_left_half_done_is_cleared(tmp_path):
    """Killed while it copied: the log is whole, the half copy goes; and every program's
    log is looked at.
    """
    places = Places(tmp_path)
    folder = places.log("nats").parent
    folder.mkdir()
    for name in ("nats", "intake"):
        places.log(name).write_text("long enough")
    (folder / "nats.log.half").write_text("lo")
    rotate_all(places, most=5)
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "nats.log": "",
        "nats.log.1": "long enough",
        "intake.log": "",
        "intake.log.1": "long enough",
    }
    assert "4, 22 bytes" in report(places)[0]


def test_a_house_without_logs_has_none_to_cut(tmp_path):
    """Before its first program has started."""
    rotate_all(Places(tmp_path / "nowhere"))
    assert "0, 0 bytes" in report(Places(tmp_path / "nowhere"))[0]
