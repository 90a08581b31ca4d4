"""Every address of the site. Each app keeps its own list; the admin keeps Django's."""

from django.contrib import admin
from django.urls import include, path, re_path

from operations.views import prometheus
from prices.views import health_check, status

urlpatterns = [
    path("", include("portfolios.urls")),
    path("prices/", include("prices.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("staff/", status, name="status"),
    re_path(r"^api/health/?$", health_check, name="health"),
    re_path(r"^metrics/?$", prometheus, name="metrics"),
]

handler500 = "operations.views.server_error"
