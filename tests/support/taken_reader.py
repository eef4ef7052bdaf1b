"""The real worker for signatures, taken over at the moment when it would read a file:
its bytes are the program that it runs.
"""

from typing import Any

from strangers import hanko, worker


def main() -> int:
    return worker.main(read=_read)


def _read(stream: Any, report: Any) -> None:
    exec(stream.read(), {"hanko": hanko, "report": report})
