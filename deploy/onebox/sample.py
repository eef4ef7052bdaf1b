"""The scan of the story: made by the committed script, or the person's own."""

import subprocess
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart
from onebox import settings
from onebox.places import REPOSITORY, Places
from onebox.story import Scan

SCRIPT: Final = REPOSITORY / "tests" / "corpus" / "sample_scan.py"
TITLE: Final = "Bằng tốt nghiệp đại học và bảng điểm"
MAKING_SECONDS: Final = 120.0


def made(places: Places, *, script: Path = SCRIPT) -> Scan:
    """Three invented pages, the same at every run; kept for the next one."""
    file = places.demo / "sample-scan.pdf"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new.pdf")
        _draw(script, draft, places.log("sample"))
        draft.replace(file)
    return Scan(file, pages_of(file), TITLE)


def _draw(script: Path, draft: Path, log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("ab") as words:
            subprocess.run(  # noqa: S603 - our own script
                [settings.python(), str(script), str(draft)],
                env=settings.for_child({}),
                stdout=words,
                stderr=words,
                timeout=MAKING_SECONDS,
                check=True,
            )
    except subprocess.SubprocessError as error:
        raise CannotStart(
            f"Không tạo được bản quét mẫu; nhật ký ở {log}.",
            f"The sample scan could not be made; its log is {log}.",
        ) from error


def own(file: Path) -> Scan:
    """The person's own file, named after itself; the desk judges what is in it."""
    if not file.is_file():
        raise CannotStart(
            f"Không thấy tệp {file}: kiểm tra lại tên sau FILE=.",
            f"There is no file {file}: look at the name after FILE=.",
        )
    return Scan(file.resolve(), pages_of(file), file.stem[:200])


def pages_of(file: Path) -> int:
    """Pages that the clerk declares; 1 for an image, or where nobody can count."""
    # Only a demo counts pages; every other command would import it in vain.
    import pikepdf  # noqa: PLC0415

    try:
        with pikepdf.open(file) as pdf:
            return max(1, len(pdf.pages))
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return 1
