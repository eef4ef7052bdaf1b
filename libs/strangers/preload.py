"""What pyHanko would import only when a file asks for it; import this before confining.

The confined worker can open no file, so a late import fails there, and a signature
that could have been read would be called unreadable. The list was made by comparing
``sys.modules`` before and after the files of ``tests/corpus/signed.py``, and from the
imports inside functions of pyHanko 0.38, asn1crypto 1.5 and cryptography 50. The tests
compare what the worker says of each of those files with what this process says.
"""

# ruff: noqa: F401 - imported for being imported
import _strptime  # type: ignore[import-not-found]  # private, has no stub
import codecs
import stringprep
from typing import Final

import cryptography.hazmat.backends.openssl.backend
import pyhanko.pdf_utils.crypt._saslprep
import pyhanko.pdf_utils.crypt.pdfmac
import pyhanko.pdf_utils.filters
import pyhanko.pdf_utils.metadata.xmp_xml

_ENCODINGS: Final = (
    "ascii",
    "cp1252",
    "idna",
    "latin-1",
    "punycode",
    "utf-8-sig",
    "utf-16",
    "utf-16-be",
    "utf-16-le",
    "utf-32-be",
)
for _encoding in _ENCODINGS:
    codecs.lookup(_encoding)
