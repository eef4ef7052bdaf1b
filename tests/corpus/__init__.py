"""Made files: every kind of scan and every hostile file, by committed scripts."""
