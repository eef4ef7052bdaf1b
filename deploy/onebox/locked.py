"""One onebox at a time on one ``var/``."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis.starting import CannotStart
from onebox.files import close_to_others, make_folder


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Raises CannotStart while another onebox runs on *var*. Closes *var* to other
    accounts of the machine.

    The kernel frees the lock when its holder ends, however it ends.
    """
    make_folder(var)
    with (var / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(
                f"ecopy đang chạy trên {var}: bấm Ctrl-C ở cửa sổ đó trước.",
                f"ecopy already runs on {var}: press Ctrl-C in its window first.",
            ) from error
        close_to_others(var)
        yield
