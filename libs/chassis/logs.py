"""One place configures logging; every module just calls ``get_logger()``."""

import io
import json
import logging
import sys
from typing import TextIO, cast

import structlog

from chassis.settings import LogSettings

# Not structlog's stock dict_tracebacks: it writes every local of every frame,
# which here means document bytes and PINs.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


class _Unfailing(io.TextIOBase):
    """Where lines go. A full disk loses them, and tells how many once it has room; it
    never becomes a fault of whoever logs: a download, an answer to the bus.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lost = 0

    def write(self, text: str) -> int:
        try:
            if self._lost:
                notice = {"event": "log_lines_lost", "lines": self._lost}
                self._out.write(json.dumps(notice) + "\n")
            self._out.write(text)
            self._out.flush()
        except OSError:
            self._lost += 1
            return 0
        self._lost = 0
        return len(text)


def configure(service: str, settings: LogSettings) -> None:
    """Write one JSON object per line to stdout, or colour for a person."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendering(json_lines=settings.json_lines),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.level.upper()],
        ),
        logger_factory=structlog.WriteLoggerFactory(
            cast("TextIO", _Unfailing(sys.stdout))
        ),
    )
    structlog.contextvars.bind_contextvars(service=service)


def _rendering(*, json_lines: bool) -> list[structlog.typing.Processor]:
    if not json_lines:
        return [structlog.dev.ConsoleRenderer()]
    return [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
