"""`python -m tests.bench NAME [options]` runs one measurement."""

from __future__ import annotations

import sys

from tests.bench import first_paint

BENCHES = {"first-paint": first_paint.main}


def main(argv: list[str]) -> int:
    name, *rest = argv or [""]
    if name not in BENCHES:
        print(f"usage: python -m tests.bench {'|'.join(BENCHES)} [--runs N]", file=sys.stderr)
        return 2
    return BENCHES[name](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
