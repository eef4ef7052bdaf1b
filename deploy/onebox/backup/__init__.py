"""A copy of the whole house that is of one moment, and a new house made from it.

``taking.take`` writes a backup while the house works; ``restoring.restore`` makes a
house of it on an empty machine. Between them stand ``moment`` (one moment of the three
databases), ``databases`` (SQLite's and PostgreSQL's own tools), ``stored`` (which
objects belong to that moment), ``shared`` (the folder to which a scanner writes) and
``sums`` (no byte of a backup is believed unchecked).

A backup holds keys and citizens' data: whoever has it has the house. Its files are
their owner's only. Decision: docs/decisions/0096.
"""
