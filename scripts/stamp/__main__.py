"""Command line for cookiecutter's questions and for scripts/update.

usage: python -m stamp folder ANSWERS             check the answers, print the folder to make
       python -m stamp derive ANSWERS PART DIR    write the files of one repository into DIR

ANSWERS is a JSON object with an answer for each question.
"""

import json
import sys
from pathlib import Path

from stamp.answers import Answers, Refused
from stamp.repository import derive

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Return 0, or 2 after one line of advice."""
    try:
        match arguments:
            case ["folder", answers]:
                print(Answers.read(json.loads(answers)).folder)
            case ["derive", answers, part, folder]:
                derive(ROOT, part, Answers.read(json.loads(answers)), Path(folder))
            case _:
                print(__doc__)
                return 2
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
