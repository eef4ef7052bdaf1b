"""The engine that reads print, where the machine has it."""

import atexit
from functools import cache

import pytest

from chassis import tesseract
from chassis.workers import Zygote
from intake.adapters.reading.process import reading_workers
from support.settings import REQUIRED


@cache
def prepared_engine() -> Zygote:
    """Its workers; skips, naming the packages, where they are missing and may be."""
    data, lacking = tesseract.data_folder(), tesseract.lacking()
    if lacking or data is None:
        words = f"not installed: {', '.join(lacking)}"
        if REQUIRED:
            pytest.fail(f"required here and {words}")
        pytest.skip(words)
    workers = reading_workers(data)
    atexit.register(workers.close)
    return workers
