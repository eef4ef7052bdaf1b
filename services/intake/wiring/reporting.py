"""What a use case tells the log: it does not write there itself."""

import structlog

log = structlog.get_logger()


def report_batch_item(document: str) -> None:
    """Write down the exception that is being handled, and the paper that it hit."""
    log.exception("batch_item_failed", document=document)
