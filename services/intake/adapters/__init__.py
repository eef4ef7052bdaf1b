"""Where intake meets the world: tables, hashing, objects, the rebuild."""
