"""The file as bytes: PDF objects (ISO 32000), written and read as text; nobody outside.

Nothing here knows a key, an authority or the network. What a page shows is made in
``composing``; what a signature holds comes from ``cms``. Start at ``increments.py``:
the revisions that signing appends. ``groups.py`` is what both kinds of writer share.
"""
