"""What a use case tells the log: it does not write there itself."""

import structlog

log = structlog.get_logger()


def report_batch_item(document: str, error: Exception) -> None:
    """Write down what broke the approval of one paper of many."""
    log.error("batch_item_failed", document=document, exc_info=error)
