"""CMS, certificates and DER (RFC 5652, RFC 5280, X.690) as values; nobody outside.

No network and no private key: a key is a function that is handed in. Where a chain is
believed is decided by the trust document alone. Start at
``signed_data.py:CmsTemplate``; the gate keeps its own reader of the same formats, on
purpose (decision 0011).
"""
