"""Every address of the site. Each app keeps its own list; the admin keeps Django's."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.views import few_failures
from bitfolio.api import nowhere
from operations.views import prometheus
from prices.views import status

handler400 = "bitfolio.errors.bad_request"
handler403 = "bitfolio.errors.forbidden"
handler404 = "bitfolio.errors.not_found"
handler500 = "bitfolio.errors.server_error"

admin.site.login = few_failures(admin.site.login)  # type: ignore[method-assign]
# One form changes a password, and bounds how often the old one is guessed.
changed_there = RedirectView.as_view(pattern_name="password_change")
admin.site.password_change = changed_there  # type: ignore[assignment,method-assign]

urlpatterns = [
    path("", include("portfolios.urls")),
    path("prices/", include("prices.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("staff/", status, name="status"),
    path("api/", include("bitfolio.api")),
    path("api", nowhere, name="api"),
    re_path("^docs/?$", login_not_required(RedirectView.as_view(pattern_name="api:docs")), name="docs"),
    re_path(r"^metrics/?$", prometheus, name="metrics"),
]
