"""Debian's engine that reads print, by its C interface; and what is lacking of it.

No package of Python stands between: the data that it reads by comes from Debian either
way (docs/decisions/0112). Only a confined process loads the library; everybody may ask
what is lacking. Start at ``lacking`` and ``Engine``.
"""

import ctypes
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

LANGUAGE: Final = "vie"
"""It has all letters of English, too: with ``eng`` beside it more is read wrong, at a
higher price (docs/decisions/0112)."""
PACKAGES: Final = ("tesseract-ocr", f"tesseract-ocr-{LANGUAGE}")
"""An operator installs these two of Debian's packages."""
_LIBRARY: Final = "libtesseract.so.5"
_FOLDERS: Final = ("/usr/lib/*-linux-gnu", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_DATA: Final = ("/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata")
_LSTM_ONLY: Final = 1
_LIGHT: Final = ((b"thresholding_method", b"2"),)
"""Sauvola: what is ink is decided by its surroundings. With one level for the whole
page a shadow over a photograph hides half of it (docs/decisions/0112)."""
ENVIRONMENT: Final = {"OMP_THREAD_LIMIT": "1"}
"""A process that may start no thread must not try to."""


class EngineAbsent(Exception):
    """The library or its data is not there, or does not load."""


def library() -> Path | None:
    return next(_found(f"{folder}/{_LIBRARY}" for folder in _FOLDERS), None)


def data_folder() -> Path | None:
    """The newest of Debian's folders of data that has the language."""
    name = f"{LANGUAGE}.traineddata"
    found = sorted(_found(f"{folder}/{name}" for folder in _DATA), reverse=True)
    return found[0].parent if found else None


def lacking(data: Path | None = None) -> tuple[str, ...]:
    """Debian's packages that are missing, none if pages can be read. *data* is a folder
    that an operator has named instead of Debian's.
    """
    there = data_folder() if data is None else data
    has_data = there is not None and (there / f"{LANGUAGE}.traineddata").is_file()
    has = (library() is not None, has_data)
    return tuple(name for name, so in zip(PACKAGES, has, strict=True) if not so)


class Engine:
    """The engine with its data loaded: some 60 MB, half a second.

    A process that is forked after this shares both. It reads the pixels that it is
    given, opens no file any more and starts no thread. Raises EngineAbsent.
    """

    def __init__(self) -> None:
        """The data lies where ``TESSDATA_PREFIX`` says: its own variable."""
        path = library()
        if path is None:
            raise EngineAbsent(_LIBRARY)
        try:
            self._library = _declared(ctypes.CDLL(str(path)))
        except OSError as error:
            raise EngineAbsent(str(error)) from error
        self._engine = self._library.TessBaseAPICreate()
        language = LANGUAGE.encode()
        if self._library.TessBaseAPIInit2(self._engine, None, language, _LSTM_ONLY):
            raise EngineAbsent(f"{LANGUAGE}.traineddata")
        for name, value in _LIGHT:
            self._library.TessBaseAPISetVariable(self._engine, name, value)

    @property
    def version(self) -> str:
        version: bytes = self._library.TessVersion()
        return f"tesseract {version.decode()} {LANGUAGE}"

    def table(self, pixels: bytes, size: tuple[int, int], dpi: int) -> str:
        """Read a grey page, a byte a pixel, into the engine's own table: a line of
        twelve columns for each block, paragraph, line and word.
        """
        width, height = size
        call = self._library
        call.TessBaseAPISetImage(self._engine, pixels, width, height, 1, width)
        call.TessBaseAPISetSourceResolution(self._engine, dpi)
        text = call.TessBaseAPIGetTsvText(self._engine, 0)
        if not text:
            return ""
        try:
            return ctypes.string_at(text).decode(errors="replace")
        finally:
            call.TessDeleteText(text)


def _declared(library: ctypes.CDLL) -> Any:
    """Declare what is called; a pointer would be cut to 32 bits (tesseract/capi.h)."""
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    library.TessVersion.restype = text
    library.TessBaseAPICreate.restype = pointer
    library.TessBaseAPIInit2.argtypes = [pointer, text, text, number]
    library.TessBaseAPISetVariable.argtypes = [pointer, text, text]
    library.TessBaseAPISetImage.argtypes = [pointer, text, *(number,) * 4]
    library.TessBaseAPISetSourceResolution.argtypes = [pointer, number]
    library.TessBaseAPIGetTsvText.argtypes = [pointer, number]
    library.TessBaseAPIGetTsvText.restype = pointer
    library.TessDeleteText.argtypes = [pointer]
    return library


def _found(patterns: Iterable[str]) -> Iterator[Path]:
    root = Path("/")
    for pattern in patterns:
        yield from root.glob(pattern.removeprefix("/"))
