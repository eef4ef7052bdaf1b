"""Signing's way to the world: keys, authorities, files and the journal's database.

One folder for each outside party, in layers that import-linter holds (decision 0002):
``sealer`` over ``keyring``, ``composer`` and ``keys`` over ``composing`` and
``authorities``, and those over ``pdf`` and ``cms``. ``journal`` and ``objects`` stand
beside the sealer, because the use case writes to them. Nothing decides here
whether a copy may be made: that is in ``domain`` and ``usecases``. Start at
``sealer.py:PadesSealer.seal``.
"""
