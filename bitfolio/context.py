"""What every template may ask of the site itself: its mode, the reader's theme, where Chart.js comes from."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from bitfolio.icons import static_if_there
from prices.privacy import amounts_hidden

THEMES = {"light", "dark"}


@dataclass(frozen=True, slots=True)
class ChartLibrary:
    """Chart.js: the address and hash of the CDN's file, and the copy this server keeps, if it does."""

    origin: str = settings.CHART_CDN
    url: str = f"{settings.CHART_CDN}/npm/chart.js@4.6.1/dist/chart.umd.min.js"
    integrity: str = "sha384-Emf5ZVIUiarAdhkgtqK+5/Z5qIvM6QoVrS+qAVtfyZVuD5lIHrac0me485+Antp0"
    path: str = "vendor/chart.umd.min.js"

    @property
    def fallback(self) -> str:
        """The address of our own copy; "" where set-up did not bring one."""
        return static_if_there(self.path)


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "DEMO": settings.DEMO,
        "VERSION": settings.VERSION,
        "CHART_JS": ChartLibrary(),
        "THEME": theme(request),
        "PRIVATE": amounts_hidden.get(),
        "SHORTCUTS_OFF": request.COOKIES.get("shortcuts") == "off",
        "LIVE_OFF": request.COOKIES.get("live") == "off",
    }


def theme(request: HttpRequest) -> str:
    """The theme chosen on this device, else the user's, else "" for the device's own."""
    chosen = request.COOKIES.get("theme") or getattr(getattr(request, "user", None), "theme", "")
    return chosen if chosen in THEMES else ""
