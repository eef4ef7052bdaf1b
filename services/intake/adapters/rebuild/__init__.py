"""From hostile files to a normalised original, in a process of their own.

Two steps, because a clerk hears of a bad file at upload, not at submission:
``rebuild`` turns each uploaded file, alone, into a PDF of its page images with facts,
thumbnails and previews, or refuses it; ``join`` puts the accepted parts, in the
clerk's order, into the document's normalised original without touching a stream.

``process`` is the service's side. All else runs in the worker, and this file imports
nothing, so that a worker starts fast.
"""
