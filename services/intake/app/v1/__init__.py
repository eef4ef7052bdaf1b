"""The interface for programs: the desk's use cases, with JSON in and out.

``asked`` has what is sent and ``answers`` what comes back, one model each; ``shown``
makes the one of the desk's views, ``cases``, ``papers``, ``arranging`` and ``office``
are the endpoints, ``bodies`` reads what was sent, ``tags`` are ETags and ``keyed``
makes an act happen once. What may change within v1 is in docs/api.md; the rows are in
``app.routes.v1``. Start at ``cases.open_case``.
"""
