"""The coupled site: the UI's base page, style sheet, accounts, log and headers; rows by the ORM.

Sessions and sign-in are Django's own. Nothing of it knows an API.
"""

import os
import sys

from config.settings import INSTALLED_APPS as OF_THE_UI
from config.settings import MIDDLEWARE as OF_EACH_PAGE
from config.settings import TEMPLATES as OF_DJANGO

from peers.coupled.environment import *  # noqa: F403

sys.path.append(os.environ["BENCH_PACKAGES"])  # has Jinja2; what the UI has itself goes first

INSTALLED_APPS = [
    "accounts",
    "core",
    "peers.coupled.shop",
    *(app for app in OF_THE_UI if app.startswith(("django.", "csp", "django_htmx"))),
]
OF_THE_API = (
    "core.health.HealthMiddleware",
    "accounts.middleware.ApiMiddleware",
    "core.middleware.ApiFailureMiddleware",
)
MIDDLEWARE = [name for name in OF_EACH_PAGE if name not in OF_THE_API]
ROOT_URLCONF = "peers.coupled.urls"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
TEMPLATES = [
    {
        **OF_DJANGO[0],
        "OPTIONS": {
            **OF_DJANGO[0]["OPTIONS"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "peers.coupled.shop.views.navigation",
            ],
        },
    },
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "APP_DIRS": True},
]
