"""Every address of the site. Each app keeps its own list; the admin keeps Django's."""

from django.contrib import admin
from django.urls import include, path, re_path

from accounts.views import few_failures
from prices.views import health_check, status

handler400 = "bitfolio.errors.bad_request"
handler403 = "bitfolio.errors.forbidden"
handler404 = "bitfolio.errors.not_found"
handler500 = "bitfolio.errors.server_error"

admin.site.login = few_failures(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("portfolios.urls")),
    path("prices/", include("prices.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("staff/", status, name="status"),
    re_path(r"^api/health/?$", health_check, name="health"),
]
