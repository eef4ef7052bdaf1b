"""Print on pages, read by Debian's engine in a cell (docs/decisions/0112). Start at
``process.SandboxedReader``; ``worker`` is what runs in the cell.
"""
