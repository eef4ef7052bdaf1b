"""What a measurement is."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Figure:
    value: float
    unit: str
    goal: str
    reference: str = ""
    """What it is to be read beside, with its own value in the same run."""
