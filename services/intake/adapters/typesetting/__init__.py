"""Papers set by typst, each in a worker of its own (docs/decisions/0119).

``handout.typ`` is the one program that typst runs, ``worker`` the process that runs it,
and ``process`` the service's side. Start at ``process.TypstTypesetter``.
"""
