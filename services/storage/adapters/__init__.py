"""Storage's way to the world: the catalogue's database, the buckets, and the processes
that judge strangers' files.

What a verdict or an archived copy is stands in ``domain``. Start at ``custody``, then
at ``verdicts``.
"""
