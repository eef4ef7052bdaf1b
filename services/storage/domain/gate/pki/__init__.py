"""Who may sign, stamp and answer, and whether they were alive when they did.

Start at ``certificate_chains.leaf_under`` and ``revocation.judge_store``. Everything
hangs from the operator's trust document; no path is built and nobody is asked.
"""
