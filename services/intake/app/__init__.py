"""HTTP in → use case → HTTP out.

Every route stands in ``routes``, a table for each room, with who may and what follows;
``application`` puts each behind the ``guard``. Endpoints of pages are in ``pages``,
those of forms in ``acts`` and in the module of their room, and each names the fields
that it takes. Start at ``routes``.

Every POST form carries ``csrf`` as its FIRST field (``me.csrf``); a script may send it
as header ``X-CSRF-Token`` instead. Beside it stands ``key`` (``me.key``): a form acts
once under it (``once``). A form whose session has ended is shown again (``again``).
Success answers 303 to the row's outcome; a form with mistakes answers 422 and the same
page with ``errors`` and ``form``.

Errors: conflict.html (409, ConflictView) and error.html (ErrorView) for people,
problem+json for programs (Accept: application/json, and everything under /v1).
For programs: POST /v1/sign-in {user,password} → {session, csrf} (send the session as
``Authorization: Bearer`` or keep the cookie and send X-CSRF-Token) ·
POST /v1/documents/{id}/approve {version, seen} → {entry, number}, where *seen* are the
digests of ``pictures`` in the case, and each of their addresses was asked for before ·
GET /v1/cases/{code} · GET /healthz · GET /readyz. What answers JSON is described in
docs/openapi/intake.json.

Templates get ``view``, ``me``, ``errors`` (tuple[FieldError]) and ``form`` (what was
typed, dict of str or list of str). ``intake.web`` provides
``create_renderer() -> Renderer``; ``Renderer(name, request, *, status=200, **context)``
returns a Response, and reads the language from ``?lang=`` or the cookie ``lang``;
``mount_static(app)`` serves its files under /static.
"""
