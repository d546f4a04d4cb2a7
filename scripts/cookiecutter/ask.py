"""Runs cookiecutter for scripts/new, so that each refusal is one line.

usage: python ask.py TEMPLATE INTO [ANSWERS]

ANSWERS is a JSON object; without it cookiecutter asks. Ends with 2 when nothing was made.
"""

import json
import logging
import sys

from cookiecutter.exceptions import CookiecutterException, FailedHookException
from cookiecutter.main import cookiecutter


def main(template: str, into: str, answers: str = "") -> int:
    """Return 0 when all is made, 2 after one line."""
    # Its log repeats in many lines what our hook has printed in one.
    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())
    try:
        cookiecutter(template, output_dir=into, no_input=bool(answers), extra_context=json.loads(answers or "{}"))
    except FailedHookException:
        return 2
    except CookiecutterException as error:
        print(error, file=sys.stderr)
        return 2
    except (KeyboardInterrupt, EOFError):
        print("stopped; nothing was made", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        sys.exit()
    if len(sys.argv) not in (3, 4):
        print("ask.py: name the template and a folder; see --help", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
