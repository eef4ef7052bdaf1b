"""Who signed a file that is not ours: facts that the file states, never a verdict.

``SignatureReader`` (``reader``) is what a service uses. It has pyHanko read the file in
a confined worker without network (``worker``, ``hanko``) and hands back ``Findings``
(``facts``). No authority is trusted here, no certificate is looked up anywhere, and no
word says that a signature is good: see docs/decisions/0056.
"""
