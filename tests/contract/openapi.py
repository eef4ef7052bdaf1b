"""Write the OpenAPI document of intake's interface for programs.

``python tests/contract/openapi.py``. Committed; the diff is the review, and
test_openapi.py fails on a stale one.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / root) for root in ("libs", "services")]

from intake.app.application import described  # noqa: E402

FILE = ROOT / "docs" / "openapi" / "intake.json"


def text() -> str:
    """The file as it should be today."""
    return json.dumps(described(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), "utf-8")
