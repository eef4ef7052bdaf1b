"""HTTP in, use case, HTTP out: the public face, for citizens, verifiers and programs.

The same file names as ``intake.app``; start at ``routes``, which has every route with
its rule. ``pages``, ``codes``, ``links`` and ``checking`` answer people, ``api``
programs. ``uploads`` reads what they bring, ``throttling`` counts them, ``refusals``
says no. Nothing here decides: that is the use cases' part.
"""
