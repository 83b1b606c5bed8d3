"""`make bench`: runs every benchmark, or those that are named: `python -m benchmarks load`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the named benchmarks, all when none is named; each module has `run()`."""
    known = [
        one.name
        for one in pkgutil.iter_modules([str(Path(__file__).parent)])
        if not (one.ispkg or one.name.startswith("_"))
    ]
    known.remove("rounds")
    for name in names or known:
        if name not in known:
            sys.exit(f"no benchmark {name}; there are: {', '.join(known)}")
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").run()


main(sys.argv[1:])
