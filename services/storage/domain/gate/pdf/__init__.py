"""The file: tokens, objects, revisions, and what each of them must say.

Start at ``shape.parse``, then ``base_revision.check_base`` and ``increments``. No key
and no certificate is met here. docs/dialect.md §1, §2, §4, §5.
"""
