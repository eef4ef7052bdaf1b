"""The words of a copy: every letter that a reader shows, held against the order.

docs/dialect.md 10 is the contract, for orders of dialect 2. ``letters`` are the pinned
fonts, ``elements`` reads a drawing, ``sheets`` has what the order wants where,
``reading`` compares, ``qr`` makes the code anew. Start at ``checking.py``.
"""
