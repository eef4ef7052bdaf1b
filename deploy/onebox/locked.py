"""One onebox at a time on one ``var/``."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onebox.plain import CannotError


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Raises CannotError while another onebox runs on *var*.

    The kernel frees the lock when its holder ends, however it ends.
    """
    var.mkdir(parents=True, exist_ok=True)
    with (var / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotError(
                f"ecopy đang chạy trên {var}: bấm Ctrl-C ở cửa sổ đó trước.",
                f"ecopy already runs on {var}: press Ctrl-C in its window first.",
            ) from error
        yield
