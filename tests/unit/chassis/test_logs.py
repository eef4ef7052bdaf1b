import io
import json

import pytest
import structlog

from chassis import logs
from chassis.settings import LogSettings


@pytest.fixture(autouse=True)
def usual():
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_traceback_shows_no_locals(capsys):
    """A failure is logged with its frames and none of the values in them."""
    logs.configure("signing", LogSettings())
    pin = "4711-secret"

    try:
        raise ConnectionError(len(pin))  # noqa: TRY301 - the frame with the local
    except ConnectionError:
        structlog.get_logger().exception("sealing_failed")

    line = capsys.readouterr().out
    assert json.loads(line)["exception"][0]["exc_type"] == "ConnectionError"
    assert "sealing_failed" in line
    assert pin not in line


class Full(io.StringIO):
    """A disk without room, until it has some."""

    full = True

    def flush(self) -> None:
        if self.full:
            raise OSError(28, "No space left on device")


def test_a_full_disk_is_no_fault_of_whoever_logs(monkeypatch):
    """Nothing is raised; once there is room, how many lines were lost is told."""
    out = Full()
    monkeypatch.setattr("sys.stdout", out)
    logs.configure("storage", LogSettings())
    log = structlog.get_logger()
    log.info("first")
    log.info("second")
    out.full = False
    out.truncate(0)
    out.seek(0)
    log.info("third")
    lost, third = map(json.loads, out.getvalue().splitlines())
    assert lost == {"event": "log_lines_lost", "lines": 2}
    assert third["event"] == "third"
