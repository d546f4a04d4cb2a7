"""Django's settings; what differs between places comes from environment.py."""

import sys
from importlib.util import find_spec
from typing import Any

import dj_database_url

from config.environment import BASE_DIR, DEVELOPMENT_KEY, BadSetting, read, variables

try:
    ENV = read(variables())
except BadSetting as exc:
    print(f"web: {exc}", file=sys.stderr)  # noqa: T201  logging is not set up yet
    raise SystemExit(2) from None

VAR = BASE_DIR / "var"
VAR.mkdir(exist_ok=True)

DEBUG = (
    False  # even in development: our error pages are what one wants to see, the log has the rest
)
SECRET_KEY = ENV.secret_key or DEVELOPMENT_KEY
ALLOWED_HOSTS = ENV.hosts
API_URL = ENV.api_url
PUBLIC_URL = ENV.public_url
TOKEN_AUDIENCE = ENV.token_audience
SIGNING_KEY_FILE = BASE_DIR / ENV.signing_key_file
DEVELOPMENT = not ENV.production
FRESH_SECONDS = ENV.fresh
TRUSTED_PROXIES = ENV.proxies

# The list to edit: each app brings its URLs, and a place in the navigation if it has a list.
APPS: list[str] = []
APPS += ["dashboard", "products", "stock", "categories"]  # the sample
DJANGO_APPS = ("auth", "contenttypes", "sessions", "messages", "staticfiles")
TAKEN = {"accounts", "core", "csp", "django_htmx", *DJANGO_APPS}
for app in APPS:
    if app in TAKEN:
        text = f"APPS names {app!r}, which Django or this site has; name the folder otherwise"
        print(f"web: {text}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    of_python = app in sys.stdlib_module_names and not (BASE_DIR / app).is_dir()
    if of_python or find_spec(app) is None:
        print(f"web: APPS names {app!r}, and there is no such folder", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
INSTALLED_APPS = [
    "accounts",
    "core",
    *APPS,
    "csp",
    "django_htmx",
    *(f"django.contrib.{name}" for name in DJANGO_APPS),
]
MIDDLEWARE = [
    "core.middleware.TraceMiddleware",
    "core.health.HealthMiddleware",  # before the redirect to https: a probe asks over http
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.compression.CompressionMiddleware",  # static files have been compressed before
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.submissions.SubmissionMiddleware",  # before the sign-in is asked for
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ApiMiddleware",
    "core.middleware.ApiFailureMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.permissions",
            ],
            "builtins": [
                "core.templatetags.core_tags",
                "core.templatetags.table_tags",
                "django.templatetags.static",
            ],
        },
    }
]
FORM_RENDERER = "core.contract_forms.Renderer"

# Accounts and sessions only: no row of the business is ever stored here.
DATABASES = {"default": dj_database_url.parse(ENV.database_url, conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["NAME"] = str(BASE_DIR / DATABASES["default"]["NAME"])
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Seconds; the readiness probe waits for it, too.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "accounts.backends.Backend",  # only reads sessions that an earlier release began
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

SESSION_ENGINE = "accounts.sessions"  # a session in a cookie cannot be revoked
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.production
CSRF_COOKIE_HTTPONLY = True
COOKIES = "__Host-" if ENV.production else "corner_shop_"
SESSION_COOKIE_NAME = f"{COOKIES}session"
CSRF_COOKIE_NAME = f"{COOKIES}csrf"
DEVICE_COOKIE_NAME = f"{COOKIES}device"
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = ENV.production
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.production else None
SECURE_HSTS_SECONDS = 63_072_000 if ENV.production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.production
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.styles.SiteStyleFinder",
]
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 60

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"defects": {"()": "core.telemetry.DefectsOnly"}},
    "formatters": {"json": {"()": "core.telemetry.JsonFormatter"}},
    "handlers": {"stderr": {"class": "core.telemetry.NeverBlockingHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
    "loggers": {
        # core.telemetry writes one line a request; Django's own would be a second.
        "django.request": {"level": "ERROR", "filters": ["defects"]},
        "django.server": {"level": "ERROR"},
    },
}
