"""The HTTP API: one more door on the same services and selectors. It mounts what each app answers."""

from django.conf import settings
from django.urls import URLPattern, path, re_path

from accounts.api import router as accounts
from bitfolio.api.authentication import AccessToken, Session
from bitfolio.api.conventions import both_ways, by_convention, nowhere
from bitfolio.api.document import DocumentedAPI, docs
from bitfolio.api.errors import handle_all
from bitfolio.api.reading import ExactParser
from portfolios.api import router as portfolios
from prices.api import router as prices

__all__ = ["api", "nowhere", "urlpatterns"]

api = DocumentedAPI(
    title="Bitfolio",
    version=settings.VERSION,
    description="Exact amounts as text, times in UTC, refusals by field.",
    urls_namespace="api",
    docs_url=None,
    auth=[AccessToken(), Session()],
    parser=ExactParser(),
)
api.add_decorator(by_convention, mode="view")
handle_all(api)
api.add_router("", prices)
api.add_router("/auth", accounts)
api.add_router("", portfolios)

urlpatterns: list[URLPattern] = [
    *both_ways([*api.urls[0], path("docs", docs, name="docs")]),
    re_path("", nowhere, name="nowhere"),
]
app_name = "api"
