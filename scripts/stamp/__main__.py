"""Command line for cookiecutter's questions and for scripts/update.

usage: python -m stamp folder ANSWERS             check the answers, print the folder to make
       python -m stamp derive ANSWERS PART DIR    write the files of one repository into DIR

ANSWERS is a JSON object with an answer for each question.
"""

import json
import sys
from pathlib import Path

from stamp.answers import PARTS, Answers, Refused
from stamp.repository import derive

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Return 0, or 2 after one line of advice."""
    try:
        match arguments:
            case ["-h"] | ["--help"]:
                print(__doc__)
            case ["folder", text]:
                print(read(text).folder)
            case ["derive", text, part, folder] if part in PARTS:
                derive(ROOT, part, read(text), Path(folder))
            case _:
                raise Refused("python -m stamp: unknown arguments; see --help")
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"python -m stamp: {error}", file=sys.stderr)
        return 2
    return 0


def read(text: str) -> Answers:
    """Return the answers; raises Refused."""
    try:
        answers = json.loads(text)
    except ValueError:
        answers = None
    if not isinstance(answers, dict) or not {"product_name", "product_slug"} <= answers.keys():
        raise Refused("python -m stamp: ANSWERS is not a JSON object with product_name and product_slug; see --help")
    return Answers.read(answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
