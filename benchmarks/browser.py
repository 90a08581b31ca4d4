"""How soon a page stands there in Chromium, on a slow line (1.6 Mbit/s, 150 ms there and back) and a
processor slowed down four times: the largest contentful paint of a first visit, nothing cached.

There is no other side to compare with, so this row hangs on the machine. Files are collected, compressed and
served by WhiteNoise as in life, from this machine alone: the CDN is out of reach, Chart.js is our own copy.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from statistics import median

from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, sync_playwright

from benchmarks import stage
from benchmarks.measure import Line
from portfolios.models import Portfolio

ON_A_DATABASE = True
SIZE = 10_000
VISITS = 5
MOST = 1.2  # seconds
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BYTES = 1_600_000 / 8  # in a second
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": BYTES, "uploadThroughput": BYTES}
PAGES = (
    "/", "/portfolios/{portfolio}/", "/portfolios/{portfolio}/assets/BTC/", "/performance/", "/gains/",
    "/transactions/", "/transactions/new/", "/prices/BTC/", "/accounts/settings/",
)  # fmt: skip
LISTEN = """
new PerformanceObserver((list) => { window.painted = list.getEntries().at(-1).startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
"""


def first_visits(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Largest contentful paint of first visits."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that reads rows
    stage.prices()
    portfolio = stage.history(min(SIZE, sizes[-1]))
    with tempfile.TemporaryDirectory() as folder, override_settings(STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
        server = LiveServerThread("localhost", lambda application: application)  # type: ignore[arg-type]
        server.daemon = True
        server.start()
        server.is_ready.wait()
        with sync_playwright() as playwright:
            flags = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
            for page in PAGES:
                yield _line(browser, f"http://localhost:{server.port}", page, portfolio)
            browser.close()
        server.terminate()


def _line(browser: Browser, site: str, page: str, portfolio: Portfolio) -> Line:
    path = page.format(portfolio=portfolio.pk)
    session = _session(portfolio)
    times = [_painted(browser, site, path, session) for _ in range(VISITS + 1)][1:]
    told = f"{min(times):.2f} – {max(times):.2f} s"
    return Line(f"Largest paint of {page}, {VISITS} visits", median(times), MOST, told, "", unit=" s")


def _session(portfolio: Portfolio) -> str:
    client = Client()
    with override_settings(AXES_ENABLED=False):
        client.force_login(portfolio.owner, settings.AUTHENTICATION_BACKENDS[-1])
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def _painted(browser: Browser, site: str, path: str, session: str) -> float:
    """Seconds from the click to the largest paint, for somebody who was never here."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    context.add_init_script(LISTEN)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setBlockedURLs", {"urls": ["https://*"]})
    devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    response = page.goto(f"{site}{path}", timeout=60_000)
    if response is None or response.status != 200:
        raise RuntimeError(f"{path} was not answered")
    page.wait_for_load_state("networkidle")
    painted = float(page.evaluate("window.painted"))
    context.close()
    return painted / 1000


ROWS = (first_visits,)
