"""The revision that holds the document security store (ISO 32000-2 section 12.8.4.3,
EN 319 142-1 section 5.4), and the one that makes it longer.

What stands in a store is decided in ``authorities/security_stores.py``.
"""

import re
from typing import Final

from signing.adapters.pdf.groups import Group
from signing.adapters.pdf.increments import GrowingPdf, Increment

_REFERRED: Final = re.compile(rb"(\d+) 0 R ")


def add_security_store(pdf: GrowingPdf, store: Group) -> None:
    """Append the revision of level B-LT: /DSS, once for all signatures."""
    increment = Increment(pdf)
    pdf.store = increment.add_group(store)
    pdf.catalog += b"/DSS %d 0 R" % pdf.store
    increment.put(pdf.root, pdf.catalog, b">>")
    increment.close()
    increment.commit()


def widen_security_store(pdf: GrowingPdf, store: Group, wider: Group) -> None:
    """Append a revision with the same lists, longer: what *wider* has and *store*,
    written before, has not.

    The document timestamp's own authority needs it when it is none of the signatures'.
    """
    written = {body: pdf.store + at for at, body in enumerate(store.numbered(0))}
    fresh = [
        body for listed in _listed(wider) for body in listed if body not in written
    ]
    places = written | {body: pdf.size + at for at, body in enumerate(fresh)}
    lists = [
        b"".join(b"%d 0 R " % places[body] for body in dict.fromkeys(old + new))
        for old, new in zip(_listed(store), _listed(wider), strict=True)
    ]
    increment = Increment(pdf)
    entry = b"<</Type/DSS/Certs[%b]/OCSPs[%b]/CRLs[%b]>>" % tuple(lists)
    increment.put(pdf.store, entry)
    for body in fresh:
        increment.add(body)
    increment.close()
    increment.commit()


def _listed(store: Group) -> list[list[bytes]]:
    """The bodies of the certificates, of the OCSP answers and of the CRLs."""
    entry, *bodies = store.numbered(0)
    return [
        [bodies[int(found) - 1] for found in _REFERRED.findall(part)]
        for part in entry.split(b"[")[1:]
    ]
