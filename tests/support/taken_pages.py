"""The real worker that reads pages, taken over at the moment when it would read one.

Its "print" is what each deed met: a word a deed.
"""

import json
import os

from intake.adapters.reading import worker
from support.deeds import Bait, tried

BAIT = "BAIT"


class Taken:
    version = "taken over"

    def __init__(self) -> None:
        self._bait = Bait(**json.loads(os.environ[BAIT]))

    def table(self, _pixels: bytes, _size: tuple[int, int], _dpi: int) -> str:
        words = (f"{deed}={error}" for deed, error in tried(self._bait).items())
        place = "\t".join("51111100") + "\t1\t1\t90"
        return "\n".join(f"{place}\t{word}" for word in words)


def main() -> int:
    return worker.main(engine=Taken())
