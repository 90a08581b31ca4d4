"""The least that a signed-in page of Django costs: the middleware, session and user of a new project, three
small queries, and a table of 50 rows.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import DjangoTemplates
from django.urls import include, path

from portfolios.models import Portfolio
from prices.models import Asset, PriceSnapshot

ADDRESS = "/minimal/"
ROWS = 50
MIDDLEWARE = [  # what `startproject` writes
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Prices</title></head>
<body>
<p>{{ user.username }}, {{ coins }} coins, {% for each in portfolios %}{{ each.name }} {% endfor %}</p>
<table>
<tr><th>Coin</th><th>At</th><th>Price</th><th>Source</th></tr>
{% for row in rows %}<tr>
<td>{{ row.asset.name }} ({{ row.asset.symbol }})</td><td>{{ row.at|date:"Y-m-d H:i" }}</td>
<td>{{ row.price|floatformat:2 }}</td><td>{{ row.source }}</td>
</tr>{% endfor %}
</table>
</body></html>
"""
OPTIONS = {"context_processors": PROCESSORS}
TEMPLATE = DjangoTemplates(
    {"NAME": "minimal", "DIRS": [], "APP_DIRS": False, "OPTIONS": OPTIONS}  # beside the site's own
).from_string(PAGE)


@login_required
def minimal(request: HttpRequest) -> HttpResponse:
    newest = PriceSnapshot.objects.select_related("asset").order_by("-pk")[:ROWS]
    context = {
        "coins": Asset.objects.count(),
        "portfolios": list(Portfolio.objects.filter(owner=request.user.pk)),
        "rows": list(newest),
    }
    return HttpResponse(TEMPLATE.render(context, request))


urlpatterns = [path(ADDRESS.strip("/") + "/", minimal), path("", include("bitfolio.urls"))]
