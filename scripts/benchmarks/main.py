"""Command line of the benchmarks; see scripts/bench."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import api
import careless_callers
import compare
import faults
import page
import rows
import workers


def main() -> int:
    """Measure, print the table, write the files; 1 when a server is missing or answers wrongly."""
    parser = argparse.ArgumentParser()
    choices = ["api", "rows", "page", "compare", "workers", "careless", "faults"]
    parser.add_argument("what", choices=choices)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--other", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path)
    args = parser.parse_args()
    try:
        figures, text = measure(args)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as exc:
        print(f"scripts/bench: {' '.join(str(exc).split())[:1000]}", file=sys.stderr)
        return 1
    print(text)
    if args.json:
        args.json.write_text(json.dumps({args.what: figures}, indent=2) + "\n")
    if args.table:
        args.table.write_text(text + "\n")
    return 0


def measure(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return the figures, and as a table."""
    figures: dict[str, Any]
    if args.what == "api":
        plan = api.QUICK if args.quick else api.Plan(rounds=args.rounds)
        figures = api.summary(*api.run(plan))
        text = api.table(figures)
    elif args.what == "rows":
        sizes = rows.QUICK if args.quick else rows.SIZES
        figures = rows.summary(*rows.run(args.rounds, sizes))
        text = rows.table(figures)
    elif args.what == "page":
        pages = page.QUICK if args.quick else page.Plan(rounds=args.rounds)
        figures = page.summary(*page.run(pages))
        text = page.table(figures)
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
    return figures, text


if __name__ == "__main__":
    sys.exit(main())
