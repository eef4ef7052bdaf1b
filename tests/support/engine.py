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
    """The folder of the engine's data. Without it a test skips, naming the packages; it
    fails where everything is required, as in ``.ci/run``.
    """
    data, lacking = tesseract.data_folder(), tesseract.lacking()
    if data is not None and not lacking:
        return data
    missing = f"no engine that reads print: apt install {' '.join(lacking)}"
    if REQUIRED:
        pytest.fail(missing)
    pytest.skip(missing)


@cache
def prepared_engine() -> Zygote:
    """Workers with the engine loaded, for this test process."""
    workers = reading_workers(data_of_engine())
    atexit.register(workers.close)
    return workers
