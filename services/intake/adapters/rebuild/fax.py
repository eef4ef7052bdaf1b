"""The parameters of /CCITTFaxDecode (ISO 32000-1 table 11), read once."""

from typing import Any

from intake.adapters.rebuild.ccitt import Coding


def coding(parms: Any) -> Coding:
    """``parms`` is the filter's dictionary, or None for all defaults."""
    found = dict(parms.items()) if parms is not None else {}
    return Coding(
        k=int(found.get("/K", 0)),
        # 1,728 pixels are a line of A4 on a fax (T.4), and the key's default.
        columns=int(found.get("/Columns", 1728)),
        aligned=bool(found.get("/EncodedByteAlign", False)),
        marked=bool(found.get("/EndOfLine", False)),
    )


def black_is_one(parms: Any) -> bool:
    found = dict(parms.items()) if parms is not None else {}
    return bool(found.get("/BlackIs1", False))
