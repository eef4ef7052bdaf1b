"""One place configures logging; every module just calls ``get_logger()``."""

import logging
import sys

import structlog

from chassis.settings import LogSettings

# Not structlog's stock dict_tracebacks: it writes every local of every frame,
# which here means document bytes and PINs.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


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
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
    )
    structlog.contextvars.bind_contextvars(service=service)


def _rendering(*, json_lines: bool) -> list[structlog.typing.Processor]:
    if not json_lines:
        return [structlog.dev.ConsoleRenderer()]
    return [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
