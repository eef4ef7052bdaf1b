"""One module's figures into a file: ``python -m bench.desk MODULE FILE``."""

import asyncio
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path


def main() -> None:
    module, result = sys.argv[1:]
    figures = asyncio.run(importlib.import_module(module).measure())
    plain = {name: asdict(figure) for name, figure in figures.items()}
    Path(result).write_text(json.dumps(plain))


if __name__ == "__main__":
    main()
