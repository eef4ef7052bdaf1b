import json

import structlog

from chassis import logs
from chassis.settings import LogSettings


def test_traceback_shows_no_locals(capsys):
    """A failure is logged with its frames and none of the values in them."""
    logs.configure("signing", LogSettings())
    pin = "4711-secret"

    try:
        raise ConnectionError(len(pin))  # noqa: TRY301 - the frame with the local
    except ConnectionError:
        structlog.get_logger().exception("sealing_failed")

    line = capsys.readouterr().out
    structlog.reset_defaults()
    assert json.loads(line)["exception"][0]["exc_type"] == "ConnectionError"
    assert "sealing_failed" in line
    assert pin not in line
