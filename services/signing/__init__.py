"""Signing: composes the copy of an approved original, signs it and seals it.

Consumes  certification.ordered
Publishes copy.sealed · certification.delayed · certification.halted
Owns      the seal journal (every use of a key) and the ``copies`` bucket

No request can make it sign: orders come as signed events only.
"""
