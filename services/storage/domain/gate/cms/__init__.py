"""The signatures' own format: DER, algorithms, SignedData of one shape (RFC 5652).

Start at ``signed_data.our_signature``. Who may sign is asked in ``pki``, what was
signed in ``pdf``. docs/dialect.md §3.
"""
