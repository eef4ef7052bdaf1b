"""Everything each page shows, decided before a template runs: one module a page.

Slugs (``state``, ``reason``, ``action`` …) are catalogue keys of ``intake.web``;
texts here are facts that people typed or that were frozen. Instants are aware UTC;
the templates say them in Asia/Ho_Chi_Minh. ``domain.showing`` makes most of them out of
records; start reading at ``case.DocumentView``.
"""
