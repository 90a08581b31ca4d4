"""Settings of Bitfolio: one file, everything that differs between machines comes from the environment.

A `.env` file beside `manage.py` (or the file that ENV_FILE names) is read first; what the process's own
environment says wins over it. `.env.example` documents every variable (a test holds the two together).
"""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from bitfolio import __version__, secret_key
from bitfolio.environment import Environment
from bitfolio.policy import (  # noqa: F401 - settings too
    CHART_CDN,
    CONTENT_SECURITY_POLICY,
    SECURE_CROSS_ORIGIN_OPENER_POLICY,
    SECURE_REFERRER_POLICY,
    SECURITY_HEADERS,
    X_FRAME_OPTIONS,
)
from operations.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
Environment.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

VERSION = __version__
VAR_DIR = BASE_DIR / env.str("VAR_DIR", default="var")
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # password hashes lie in SQLite's file, too

# --- Security -------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key.read_or_make(VAR_DIR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
if SITE_URL and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", SITE_URL):
    raise ImproperlyConfigured("SITE_URL: give scheme and host alone, as in https://bitfolio.example.org")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# HTTPS is the reverse proxy's affair; saying HTTPS=1 makes cookies secure and redirects plain requests.
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^api(/|$)"]  # refused in words instead (bitfolio/api/middleware.py)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if HTTPS:  # the prefix lets no other host, and no plain request, set them
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_FAILURE_VIEW = "bitfolio.errors.not_from_our_page"

# --- Applications ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "prices",
    "portfolios",
    "operations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "django_q",
    "ninja",
    "simple_history",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "operations.middleware.RequestLogMiddleware",
    "bitfolio.middleware.HeadersMiddleware",
    "bitfolio.api.middleware.ApiMiddleware",
    "bitfolio.middleware.SmallPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "bitfolio.api.middleware.PlainRequestsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bitfolio.middleware.SoundRequestsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "prices.privacy.PrivacyMiddleware",
    "prices.locales.LocaleMiddleware",
    "accounts.middleware.PersonalPagesMiddleware",
    "axes.middleware.AxesMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "bitfolio.middleware.CalmAnswersMiddleware",
]

ROOT_URLCONF = "bitfolio.urls"
WSGI_APPLICATION = "bitfolio.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bitfolio.context.site",
                "prices.context.ticker",
                "portfolios.context.sidebar",
            ],
            "builtins": ["bitfolio.icons", "prices.templatetags.dates"],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASES = {
    "default": env.database("DATABASE_URL", DATABASE_URL)
    if DATABASE_URL
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "bitfolio.sqlite3"}
}
if DATABASES["default"].get("ENGINE") == "django.db.backends.sqlite3":
    # Web and worker write to one file: take the write lock at BEGIN (IMMEDIATE) and wait for it, so that a
    # read-then-write transaction never fails half-way; FULL keeps what was acknowledged through a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Statements that ask for it are kept by the server from this many times on (prices/series.py). Neither a
    # server that is away nor a lock that somebody forgot holds a request for longer than SQLite's would.
    DATABASES["default"]["OPTIONS"] = {
        "prepare_threshold": 5,
        "connect_timeout": 5,
        "options": "-c lock_timeout=20s",
    } | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Accounts -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "dashboard"
AXES_FAILURE_LIMIT = env.whole("LOGIN_FAILURE_LIMIT", default=5, most=1000)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.backends.counted_name"
AXES_CLIENT_IP_CALLABLE = "accounts.backends.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_VERBOSE = False
LOGIN_FAILURES_PER_HOUR = 20 * AXES_FAILURE_LIMIT  # of one address, and for one name from anywhere
ACCOUNT_FORMS_PER_HOUR = env.whole("ACCOUNT_FORMS_PER_HOUR", default=10, least=0, most=100_000)

EMAIL_CONFIG = env.mail("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Bitfolio <bitfolio@localhost>")

# --- Time, language, static files -----------------------------------------------------------------------

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = True

# A batch of 10,000 transactions with notes fits in; a longer body is refused unread.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / (env.str("STATIC_ROOT", default="") or VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "bitfolio.staticfiles.StaticFilesStorage"},
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Money and prices -----------------------------------------------------------------------------------

# The currencies a figure can be shown in: the US dollar and those with European Central Bank rates.
CURRENCIES = (
    "USD AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PLN RON SEK SGD"
    " THB TRY ZAR"
).split()

PRICE_SOURCES = env.list(
    "PRICE_SOURCES", default=["coingecko", "coinbase", "kraken", "binance", "cryptocompare", "mempool"]
)
RATE_SOURCES = ["frankfurter"]  # who is asked for exchange rates
PRICE_FETCH_MINUTES = env.whole("PRICE_FETCH_MINUTES", default=5, most=1440)
PROVIDERS = {
    "coingecko": env.provider(
        "CRYPTO_API_BASE_URL", "COINGECKO_API_KEY", default="https://api.coingecko.com/api/v3"
    ),
    "coinbase": env.provider(
        "COINBASE_BASE_URL", "COINBASE_API_KEY", default="https://api.exchange.coinbase.com"
    ),
    "kraken": env.provider("KRAKEN_BASE_URL", "KRAKEN_API_KEY", default="https://api.kraken.com"),
    "binance": env.provider("BINANCE_BASE_URL", "BINANCE_API_KEY", default="https://api.binance.com"),
    "cryptocompare": env.provider(
        "CRYPTOCOMPARE_BASE_URL", "CRYPTOCOMPARE_API_KEY", default="https://min-api.cryptocompare.com"
    ),
    "mempool": env.provider("MEMPOOL_BASE_URL", "MEMPOOL_API_KEY", default="https://mempool.space"),
    "frankfurter": env.provider(
        "FRANKFURTER_BASE_URL", "FRANKFURTER_API_KEY", default="https://api.frankfurter.dev/v1"
    ),
}

SIMPLE_HISTORY_DATE_INDEX = (
    False  # the audit trail is read by row and by number, and written with every change
)

# --- Worker ---------------------------------------------------------------------------------------------

Q_CLUSTER = {
    "name": "bitfolio",
    "workers": 2,
    "timeout": 60,
    "retry": 360,  # more than the timeout plus the longest wait in the queue, or a task runs twice
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,  # the jobs work out themselves what is missing
    "bulk": 1,
    "recycle": 200,
    "save_limit": 250,
    "save_limit_per": "func",  # so that a beat each minute does not crowd out the rest
    "poll": 1,
    "label": "Background tasks",
}
Q_BROKER_URL = env.str("Q_BROKER_URL", default="")
Q_CLUSTER |= {"redis": Q_BROKER_URL} if Q_BROKER_URL else {"orm": "default"}

# Where its main process leaves its number for the watchdog; workers that share VAR_DIR need one each.
WORKER_FILE = BASE_DIR / (env.str("WORKER_FILE", default="") or VAR_DIR / "worker")

# name → (function, minutes). `sync_schedules` writes them to the database; nobody types them there.
SCHEDULES = {
    "fetch-latest-prices": ("prices.tasks.fetch_latest", PRICE_FETCH_MINUTES),
    "backfill-missing-prices": ("prices.tasks.backfill_missing", PRICE_FETCH_MINUTES),
    "fetch-exchange-rates": ("prices.tasks.fetch_rates", 60),
    "fill-gaps-of-exchange-rates": ("prices.tasks.fill_rates", 24 * 60),
    "advance-backfills": ("prices.tasks.advance_backfills", 1),
    "forget-expired-sign-ins": ("accounts.tasks.forget_expired", 24 * 60),
    "worker-heartbeat": ("prices.tasks.heartbeat", 1),
}

# --- Logs and metrics -----------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=False)
SLOW_QUERY_MS = env.whole("SLOW_QUERY_MS", default=500, least=0, most=3_600_000)
SECRETS = [SECRET_KEY, METRICS_TOKEN, *(provider["api_key"] for provider in PROVIDERS.values())]
SECRETS += [DATABASES["default"].get("PASSWORD"), EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD")]
LOG_FORMAT = env.one_of("LOG_FORMAT", ("line", "json"), default="line")
LOG_LEVEL = env.level("LOG_LEVEL", default="INFO")
LOGGING = logging_settings(LOG_FORMAT, LOG_LEVEL, [str(secret or "") for secret in SECRETS])
