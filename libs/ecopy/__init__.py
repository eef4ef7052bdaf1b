"""The shared language of certified e-copies: identifiers, events, refusals, trust.

Pure. Imports nothing but pydantic; everything else in the repository may import it.
"""
