"""The engine that reads print, where the machine has it."""

import atexit
from functools import cache
from pathlib import Path

import pytest

from chassis import tesseract
from chassis.workers import Zygote
from intake.adapters.reading.process import reading_workers
from support.settings import REQUIRED


def data_of_engine() -> Path:
    """Its data; skips, naming the packages, where they are missing and may be."""
    data, lacking = tesseract.data_folder(), tesseract.lacking()
    if data is not None and not lacking:
        return data
    words = f"not installed: {', '.join(lacking)}"
    if REQUIRED:
        pytest.fail(f"required here and {words}")
    pytest.skip(words)


@cache
def prepared_engine() -> Zygote:
    """Workers of it, for this test process."""
    workers = reading_workers(data_of_engine())
    atexit.register(workers.close)
    return workers
