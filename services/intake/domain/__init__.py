"""What the law and the desk know: frozen values and pure functions, no I/O."""
