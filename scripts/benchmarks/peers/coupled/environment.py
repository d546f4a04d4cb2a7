"""The settings of the UI in production, but for the API, which answers on plain HTTP here."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403

API_URL = os.environ["BENCH_API_URL"]
STATIC_ROOT = Path(os.environ["BENCH_FOLDER"]) / "static"
