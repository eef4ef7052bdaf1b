"""The archive and its public face.

Consumes ``certification.ordered`` and ``copy.sealed``; publishes ``copy.archived``,
``certification.delayed`` and ``certification.halted``. Owns the catalogue (orders,
copies, links, accesses) and the ``archive`` bucket. Judges every copy with its own
code against intake's order before it keeps it, and shows it to citizens.
"""
