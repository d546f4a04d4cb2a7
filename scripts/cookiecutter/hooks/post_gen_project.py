"""Fill the folder that cookiecutter made; scripts/stamp does the work."""

import json
import sys

ROOT = {{ template_root | jsonify }}
ANSWERS = json.loads({{ cookiecutter | jsonify | jsonify }})
sys.dont_write_bytecode = True
sys.path.insert(0, ROOT + "/scripts")

from stamp.hook import fill  # noqa: E402

# cruft keeps the state and the history itself; only cookiecutter says where it writes.
sys.exit(fill(ROOT, ANSWERS, alone="_output_dir" in ANSWERS))
