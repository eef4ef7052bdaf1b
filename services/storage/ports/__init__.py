"""What the archive needs from the world.

Each is a role with the promises that its adapter keeps. Start at ``Custody``.
"""

from storage.ports.copies import (
    Archive,
    BusyError,
    CopyCatalogue,
    Custody,
    GivenRatings,
    LostCopyError,
    NotWholeError,
    OfficeFigures,
    OtherBytesError,
    Ratings,
    ReceivedFile,
    ReportedFigures,
    SealedFile,
    Strangers,
    TooLargeError,
)
from storage.ports.links import Downloads, Links

__all__ = [
    "Archive",
    "BusyError",
    "CopyCatalogue",
    "Custody",
    "Downloads",
    "GivenRatings",
    "Links",
    "LostCopyError",
    "NotWholeError",
    "OfficeFigures",
    "OtherBytesError",
    "Ratings",
    "ReceivedFile",
    "ReportedFigures",
    "SealedFile",
    "Strangers",
    "TooLargeError",
]
