"""How gunicorn serves this UI: one process, threads, since pages wait for the API."""

import gc
from typing import Any

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
threads = 16
timeout = 30
graceful_timeout = 10
keepalive = 5
forwarder_headers = ""  # no request says where the site is (SCRIPT_NAME): links are remembered
preload_app = True  # so that all workers, also later ones, share what core.health knows
accesslog = None  # core.middleware writes one line a request
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Tell the client of the API how many threads there are, whatever the command line said."""
    from core.api import bulkhead  # Django is set up by now

    bulkhead.threads = worker.cfg.threads


def pre_fork(server: Any, worker: Any) -> None:
    """Let the worker share what is loaded: its garbage collection would copy all of it."""
    gc.collect()
    gc.freeze()
