"""The stories of the desk: gather, decide, write. One module a person."""
