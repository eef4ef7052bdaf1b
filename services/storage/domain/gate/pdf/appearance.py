"""The visible part of a signature: a pinned group (``pinned``) and one line of time.

docs/dialect.md §4.
"""


def appearance(group: int, shown_at: bytes) -> bytes:
    """The form that draws the group and writes the time, digits and signs only."""
    stream = b"q\n/S Do\nQ\nBT\n/T 7.5 Tf\n0 g\n62 4 Td\n(%b)Tj\nET\n" % shown_at
    head = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Resources %d 0 R/Length %d>>"
        % (group, len(stream))
    )
    return head + b"\nstream\n" + stream + b"\nendstream"
