"""Four readers that share no code: what each of them shows of a page.

pdfium (Chrome, Edge), poppler (Evince, Okular), MuPDF and pdf.js (Firefox), the last
one in Chromium. Start at ``open_readers``.
"""

import base64
import io
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

from support.settings import found

DPI: Final = 96
"""The added margin of 25.5 points is 34 pixels then, and three quarters of a point are
one: a page whose sides are such has no half pixel at its edge."""
TIMEOUT_SECONDS: Final = 120
PDF_JS: Final = "usr/share/javascript/pdf/build"
"""Debian's package libjs-pdf."""

Show = Callable[[bytes], list[Image.Image]]
"""A file to its pages, in colour, as they are seen; raises where it shows none."""

_DRAW: Final = """
async ([content, scale]) => {
  const data = Uint8Array.from(atob(content), one => one.charCodeAt(0));
  const file = await pdfjsLib.getDocument({data, verbosity: 0}).promise;
  const shown = [];
  for (let number = 1; number <= file.numPages; number++) {
    const page = await file.getPage(number);
    const viewport = page.getViewport({scale});
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    const canvasContext = canvas.getContext('2d');
    await page.render({canvasContext, viewport, background: 'white'}).promise;
    shown.push(canvas.toDataURL('image/png').split(',')[1]);
  }
  await file.destroy();
  return shown;
}
"""


@contextmanager
def open_readers() -> Iterator[Mapping[str, Show]]:
    """The readers by name, each as a function of a file."""
    pdftoppm, mutool = found("pdftoppm"), found("mutool")
    with _pdf_js() as pdf_js:
        yield {
            "pdfium": _pdfium,
            "poppler": lambda content: _printed(
                [pdftoppm, "-png", "-r", DPI, "{file}", "{folder}/page"], content
            ),
            "MuPDF": lambda content: _printed(
                [mutool, "draw", "-q", "-r", DPI, "-o", "{folder}/%04d.png", "{file}"],
                content,
            ),
            "pdf.js": pdf_js,
        }


def _pdfium(content: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(content) as file:
        file.init_forms()
        return [
            page.render(scale=DPI / 72).to_pil().convert("RGB")
            for page in (file[at] for at in range(len(file)))
        ]


def _printed(command: list[Any], content: bytes) -> list[Image.Image]:
    """The pictures that a program leaves in a folder."""
    with tempfile.TemporaryDirectory(prefix="ecopy-reader-") as name:
        folder = Path(name)
        file = folder / "copy.pdf"
        file.write_bytes(content)
        words = [str(word).format(file=file, folder=folder) for word in command]
        subprocess.run(words, check=True, capture_output=True, timeout=TIMEOUT_SECONDS)
        return [
            Image.open(picture).convert("RGB")
            for picture in sorted(folder.glob("*.png"))
        ]


@contextmanager
def _pdf_js() -> Iterator[Show]:
    chromium = found("chromium", "usr/bin/chromium-browser")
    library = found("pdf.js", f"{PDF_JS}/pdf.js").parent
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        # With the worker's code in the page, pdf.js works there: no server is needed.
        for script in ("pdf.js", "pdf.worker.js"):
            page.add_script_tag(path=library / script)

        def show(content: bytes) -> list[Image.Image]:
            given = [base64.b64encode(content).decode(), DPI / 72]
            pictures = page.evaluate(_DRAW, given)
            return [
                Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB")
                for one in pictures
            ]

        yield show
        browser.close()
