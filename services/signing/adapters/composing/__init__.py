"""Makes the draft: the original's images, the clause page and the visible signatures;
talks to the libraries typst, segno and qpdf, and to nobody outside.

No key and no network. The words come frozen from the order; what a page looks like is
in ``templates``. Start at ``base_revision.py`` for the file, at ``clause_pages.py`` for
the words on it, and at ``original.py`` for the check against what was approved.
"""
