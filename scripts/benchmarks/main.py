"""Command line of the benchmarks; see scripts/bench."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import api
import careless_callers
import compare
import faults
import rows
import workers


def main() -> int:
    """Measure, print the table, write the files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["api", "rows", "compare", "workers", "careless", "faults"])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--other", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path)
    args = parser.parse_args()
    figures: dict[str, Any]
    if args.what == "api":
        plan = api.QUICK if args.quick else api.Plan(rounds=args.rounds)
        figures = api.summary(*api.run(plan))
        text = api.table(figures)
    elif args.what == "rows":
        sizes = rows.QUICK if args.quick else rows.SIZES
        figures = rows.summary(*rows.run(args.rounds, sizes))
        text = rows.table(figures)
    elif args.what == "compare":
        figures = compare.summary(compare.run(args.other, args.rounds))
        text = compare.table(figures)
    elif args.what == "workers":
        figures = workers.summary(*workers.run(args.rounds))
        text = workers.table(figures)
    elif args.what == "faults":
        bad_day = faults.QUICK if args.quick else faults.Plan(rounds=args.rounds)
        figures = faults.summary(faults.run(bad_day))
        text = faults.table(figures)
    else:
        figures = careless_callers.run()
        text = careless_callers.table(figures)
    print(text)
    if args.json:
        args.json.write_text(json.dumps({args.what: figures}, indent=2) + "\n")
    if args.table:
        args.table.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
