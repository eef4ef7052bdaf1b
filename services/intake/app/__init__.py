"""HTTP in → use case → HTTP out. Every route, with its form fields.

Every POST form carries ``csrf`` as its FIRST field (``me.csrf``); a script may send it
as header ``X-CSRF-Token`` instead. Beside it stands ``key`` (``me.key``): a form acts
once under it (``once``). A form whose session has ended is shown again (``again``).
Success answers 303 to the page named with →; a form with mistakes answers 422 and the
same page with ``errors`` and ``form``.

====  ==================================  ==========================================
GET   /sign-in?next=                      sign-in.html          SignInView
POST  /sign-in                            user password next    → next or /
POST  /sign-out                                                 → /sign-in
GET   /account                            account.html          AccountView
POST  /account/password                   current new again     → /sign-in
GET   /?state=&q=                         board.html            BoardView
GET   /cases/new                          case-new.html         CaseNewView
POST  /cases                              channel requester_kind requester id_kind
                                          id_number birth_date
                                          (YYYY-MM-DD or dd/mm/yyyy)
                                          phone email privacy(=1) and, once a paper:
                                          title kind issuing_body pages
                                          → /documents/{first}/desk
GET   /cases/{code}                       case.html             CaseView
POST  /cases/{code}/documents             version title kind issuing_body pages
                                          → /documents/{new}/desk
GET   /documents/{id}/desk                page-desk.html        PageDeskView
POST  /documents/{id}/places              count → 200 {"first"}: places in the clerk's
                                          order, for a script that sends files side by
                                          side
POST  /documents/{id}/files               multipart: csrf, then place (if one was
                                          reserved), then files (several)
                                          → /documents/{id}/desk;
                                          with Accept: application/json → 200
                                          {"files": [{"id","name","size","state",
                                          "pages","reason","detail"}]}
POST  /documents/{id}/files/{file}/remove version               → desk
POST  /documents/{id}/compare             version all_present(=1) page (the digest
                                          of each page compared, in order)  → desk
POST  /documents/{id}/submit              version               → /cases/{code}
GET   /wall                               review-wall.html      WallView (the first)
GET   /wall/{id}                          review-wall.html      WallView
POST  /documents/{id}/approve             version seen (the digest of each
                                          page seen, in order)  → /wall
POST  /documents/{id}/refuse              version code text     → /wall
POST  /documents/{id}/send-back           version text          → /wall
POST  /documents/{id}/order-again         version               → /cases/{code}
GET   /documents/{id}/pictures/{digest}/thumb      image (PageView.thumb_url)
GET   /documents/{id}/pictures/{digest}/large      image (PageView.large_url)
GET   /documents/{id}/link.svg            QR of the citizen's link
GET   /register?year=&month=              register.html         RegisterView
GET   /static/…                           intake.web's files
====  ==================================  ==========================================

Errors: conflict.html (409, ConflictView) and error.html (ErrorView) for people,
problem+json for programs (Accept: application/json, and everything under /v1).
For programs: POST /v1/sign-in {user,password} → {session, csrf} (send the session as
``Authorization: Bearer`` or keep the cookie and send X-CSRF-Token) ·
POST /v1/documents/{id}/approve {version, seen} → {entry, number}, where *seen* are the
digests of ``pictures`` in the case, and each of their addresses was asked for before ·
GET /v1/cases/{code} · GET /healthz · GET /readyz

Templates get ``view``, ``me``, ``errors`` (tuple[FieldError]) and ``form`` (what was
typed, dict of str or list of str). ``intake.web`` provides
``create_renderer() -> Renderer``; ``Renderer(name, request, *, status=200, **context)``
returns a Response, and reads the language from ``?lang=`` or the cookie ``lang``;
``mount_static(app)`` serves its files under /static.
"""
