"""How gunicorn serves this UI: one process, threads, since pages wait for the API."""

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
threads = 16
timeout = 30
graceful_timeout = 10
keepalive = 5
preload_app = True
accesslog = None  # core.middleware writes one line a request
errorlog = "-"
loglevel = "warning"
