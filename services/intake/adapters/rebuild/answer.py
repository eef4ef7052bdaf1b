"""What a worker leaves, believed as little as a stranger's file: its report, the
rebuilt PDF, the pictures.

A worker that was taken over may write what it likes. Whatever is not as an honest one
writes it is refused as *damaged*, by one word for the person and one for the log. Start
at ``rebuilt``.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from chassis import confined
from chassis.confined import regular_size
from ecopy.events import ManifestPage
from intake.adapters.rebuild.limits import MIB, Limits
from intake.domain import text
from intake.domain.scan import (
    PageFacts,
    RebuiltFile,
    ScanFault,
    ScanRefused,
    with_mixed_sizes,
)

REPORT: Final = "report.json"
PDF: Final = "pages.pdf"
_REPORT_BYTES: Final = 16 * MIB
"""More is not read. 200 pages of 200 images each, some 350 bytes an image, make a
report of 14 MB."""
_PICTURE_BYTES: Final = 4 * MIB
_MOST: Final = 1_000_000_000
"""No count, length or size of a page comes near it; a database takes it."""


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: ManifestPage
    facts: PageFacts


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]{1,40}$")]
    pages: tuple[_Page, ...]


def rebuilt(
    report: dict[str, Any], name: str, into: Path, limits: Limits
) -> RebuiltFile:
    """The file that the report describes, whose parts lie in *into*. Raises OSError,
    ValidationError or ValueError for what no honest worker leaves.
    """
    found = _Report.model_validate(report)
    if not 0 < len(found.pages) <= limits.pages:
        raise ValueError("page count")
    size, digest = measured(into / PDF, limits)
    manifest = tuple(page.manifest for page in found.pages)
    facts = tuple(page.facts for page in found.pages)
    _check_measures(found)
    numbers = range(1, len(found.pages) + 1)
    return RebuiltFile(
        name=name,
        media_type=found.media_type,
        path=into / PDF,
        size=size,
        sha256=digest,
        manifest=manifest,
        pages=with_mixed_sizes(facts, manifest),
        thumbnails=tuple(picture(into / f"{n:04}.thumb.jpg") for n in numbers),
        previews=tuple(picture(into / f"{n:04}.preview.jpg") for n in numbers),
    )


def measured(path: Path, limits: Limits) -> tuple[int, str]:
    """Bytes and SHA-256 of a PDF that a worker has written."""
    size = regular_size(path)
    if size > limits.document_bytes:
        raise ValueError("larger than a document may be")
    with path.open("rb") as file:
        return size, hashlib.file_digest(file, "sha256").hexdigest()


def picture(path: Path) -> Path:
    """The path itself; raises OSError or ValueError if it is no file of a picture."""
    if regular_size(path) > _PICTURE_BYTES:
        raise ValueError("picture too large")
    return path


def read(path: Path, name: str) -> dict[str, Any]:
    """The report on the file called *name*, which may hold a fault (``refusal``).
    Raises ScanRefused for one that cannot be read.
    """
    try:
        report = confined.read_report(path, most_bytes=_REPORT_BYTES)
        # Python's reader takes NaN, 1e999 and halves of surrogate pairs, which no
        # database and no event takes after it.
        json.dumps(report, allow_nan=False, ensure_ascii=False).encode()
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise unbelievable(name, error) from error
    return report


def refusal(report: dict[str, Any], name: str) -> ScanRefused:
    """What a report with a fault says of the file."""
    try:
        # PostgreSQL takes no NUL, and what turns the direction of writing would do so
        # at the desk.
        detail = text.line(str(report.get("detail", ""))[:200])
        return ScanRefused(ScanFault(report["fault"]), name, detail)
    except ValueError as error:
        return unbelievable(name, error)


def unbelievable(name: str, error: Exception) -> ScanRefused:
    """The refusal of a file whose worker left what no honest one does."""
    return ScanRefused(ScanFault.DAMAGED, name, f"report: {type(error).__name__}")


def fault_of(code: int) -> ScanFault:
    """What a worker that ended without a report says of its file."""
    return ScanFault.TOO_MUCH_WORK if code in confined.STARVED else ScanFault.DAMAGED


def _check_measures(report: _Report) -> None:
    """Raises ValueError for a number that no page has, and no database takes."""
    for page in report.pages:
        images = page.manifest.images
        measures = [page.manifest.width, page.manifest.height]
        for image in images:
            measures += [*image.placement, image.size, image.width, image.height]
            measures += image.decode_parms.values()
        facts = page.facts
        measures += [facts.source_file, facts.source_page, facts.width, facts.height]
        measures += [facts.dpi, facts.same_as, facts.lean]
        if not all(-_MOST < measure < _MOST for measure in measures):
            raise ValueError("a measure that no page has")
