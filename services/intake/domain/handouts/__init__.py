"""The papers that an office hands out, from a template's lines to what is typeset.

``language`` reads a template, ``fields`` says what may be filled in, ``templates``
which version holds on a day, ``values``, ``notice_values`` and ``book_values`` what is
filled in, and ``sheets`` puts both together. All of it is values: a citizen's words are
never part of a program (docs/decisions/0119). Start at ``sheets.filled``.
"""
