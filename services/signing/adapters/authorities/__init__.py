"""Talks to the trust service providers over HTTP: timestamp authorities (RFC 3161),
OCSP responders (RFC 6960) and servers of revocation lists (RFC 5280).

No key is used here. Every answer is verified before it counts, and only chains of the
trust document are believed. Start at ``timestamps.py:Timestamps.stamp`` and at
``security_stores.py:SecurityStores.store``; ``governor.py`` says how often anybody is
asked.
"""
