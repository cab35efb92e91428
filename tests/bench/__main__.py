"""`python -m tests.bench NAME [options]` runs one measurement."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench import first_paint


def _preflight(argv: list[str]) -> int:
    from tests.bench import preflight  # imports asyncssh, which the others do not want

    return preflight.main(argv)


BENCHES: dict[str, Callable[[list[str]], int]] = {
    "first-paint": first_paint.main,
    "preflight": _preflight,
}


def main(argv: list[str]) -> int:
    name, *rest = argv or [""]
    if name not in BENCHES:
        print(f"usage: python -m tests.bench {'|'.join(BENCHES)} [options]", file=sys.stderr)
        return 2
    return BENCHES[name](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
