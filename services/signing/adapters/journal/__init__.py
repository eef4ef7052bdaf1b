"""The seal journal in signing's own database (SQLite or PostgreSQL): every use of a
key, the intent before it and what came of it after.

The bytes of copies are not here (``objects.py``), nor the staff's audit, which is
intake's. Start at ``journal.py:SqlSealJournal``; ``hash_chain.py`` says how a changed
row is found.
"""
