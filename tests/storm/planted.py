"""Mistakes made on purpose, to prove that the judge can see them."""

BUGS: dict[str, object] = {}


def run_planted(name: str, words: list[str]) -> int:
    raise NotImplementedError
