"""A house whose register is older than its archive is started: it comes up, says so,
does all but number, and one command mends it.
"""

import asyncio
import contextlib
import shutil
import signal
import subprocess

import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.marks import YearBook
from intake.domain.calendar import local_day
from onebox import story
from onebox.browser import Browser
from onebox.people import people
from onebox.settings import for_child
from onebox.ward import AGENCY_CODE
from support.houses import demo_once, ecopy, run
from support.waiting import LONG_SECONDS, until

SAID = "mới đến số 1, mà số 2 đã cấp"


@contextlib.contextmanager
def up(once):
    """``ecopy up --demo``, as a person starts it, and the lines that it printed."""
    with subprocess.Popen(
        [*ecopy(once.var, once.port), "up", "--demo"],
        env=for_child({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("Ctrl-C"):
                    break
            yield lines
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LONG_SECONDS)


async def test_an_older_register_keeps_the_house_from_nothing_but_numbering(tmp_path):
    """One issued, a backup of the register, one more; the backup put back. The house
    comes up and says why it gives no number, a case is received, its approval is
    refused with the same words, ``register skip`` ends it, and the number is 3.
    """
    once = await asyncio.to_thread(demo_once, tmp_path / "var")
    assert once.done.returncode == 0, once.done.stdout
    register = once.var / "db" / "intake.db"
    shutil.copy(register, tmp_path / "older.db")
    again = await asyncio.to_thread(
        run, [*ecopy(once.var, once.port), "demo", "--once"]
    )
    assert again.returncode == 0, again.stdout
    for ending in ("-wal", "-shm"):
        register.with_name(f"intake.db{ending}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "older.db", register)

    with up(once) as lines:
        assert lines[-1].startswith("Ctrl-C"), "".join(lines)
        assert any(SAID in line for line in lines), "".join(lines)
        assert any("run ecopy register skip through 2" in line for line in lines)
        await numbered_after_a_skip(once)


async def numbered_after_a_skip(once):
    desk = f"http://127.0.0.1:{once.port}"
    clerk, certifier, *_ = people(once.var / "demo")
    scan = story.Scan(once.var / "demo" / "sample-scan.pdf", 3, "Bằng cử nhân")
    at_desk, at_wall = Browser(desk), Browser(desk)
    try:
        await story.sign_in(at_desk, clerk)
        await story.sign_in(at_wall, certifier)
        filed = await story.file_case(at_desk, scan)
        with pytest.raises(CannotStart):
            await story.approve(at_wall, filed)
        assert SAID in (await at_desk.look("/")).text

        book = YearBook(AGENCY_CODE, "E", local_day(utc_now()).year)
        command = (*ecopy(once.var, once.port), "register", "skip", "--through", "2")
        words = ("--book", str(book), "--by", "Lê Văn Tám", "--reason", "bản sao lưu")
        skipped = await asyncio.to_thread(run, [*command, *words])
        assert skipped.returncode == 0, skipped.stdout

        async def numbers_again():
            return SAID not in (await at_desk.look("/")).text

        await until(numbers_again)
        await story.approve(at_wall, filed)
        issued = await story.until_issued(at_desk, filed)
        assert issued.number.startswith("3/")
    finally:
        await at_desk.close()
        await at_wall.close()
