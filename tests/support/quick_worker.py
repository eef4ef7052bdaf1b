"""The real worker for scans, which does not judge the desk's pictures, and also draws
them small: that costs most of a page's time, and few tests ask for it.
"""

from PIL import Image

from intake.adapters.rebuild import worker
from intake.adapters.rebuild.flags.seen import Seen

_WITHIN = (200, 1600)


def small() -> int:
    return worker.main(worker.Eyes(within=_WITHIN, seen=_nothing))


def whole() -> int:
    """As large as the desk has them."""
    return worker.main(worker.Eyes(seen=_nothing))


def _nothing(_: Image.Image) -> Seen:
    return Seen(())
