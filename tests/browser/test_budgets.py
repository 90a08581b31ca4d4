"""What each kind of page costs a browser that was never here: bytes, requests and jumps, served as in life.

Files are those that `collectstatic` makes, named by their content and compressed, served by WhiteNoise.
Nothing here hangs on a clock; how soon a page stands there is measured by `make bench ARGS=browser`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page

from benchmarks import stage
from benchmarks.workload import HOURLY
from bitfolio.context import ChartLibrary
from portfolios.models import Portfolio
from tests.browser.conftest import CHART_JS, answer_as_the_cdn, open_context, sign_in, until

pytestmark = pytest.mark.django_db(transaction=True)

TRADES = 1_500  # more than any page shows, marks or lists
WITH_A_CHART, WITHOUT = 145_000, 70_000  # bytes, cold
MOST_REQUESTS, MOST_SHIFT, LARGEST_PAGE = 7, 0.02, 20_480
CHARTS = {
    "/", "/?range=1Y", "/portfolios/{portfolio}/", "/portfolios/{portfolio}/assets/BTC/",
    "/portfolios/{portfolio}/performance/", "/performance/", "/prices/BTC/", "/?at=2024-06-01",
}  # fmt: skip
PLAIN = {
    "/portfolios/", "/portfolios/{portfolio}/edit/", "/portfolios/{portfolio}/gains/", "/gains/?year=all",
    "/portfolios/{portfolio}/books/", "/books/", "/transactions/", "/transactions/new/",
    "/transactions/{sale}/edit/", "/transactions/{sale}/history/", "/transactions/deleted/", "/prices/",
    "/prices/backfills/", "/explain/realised/", "/portfolios/{portfolio}/explain/value/",
    "/transactions/{sale}/explain/gain/", "/gains/explain/proceeds/?year=all",
    "/portfolios/{portfolio}/assets/BTC/lots/1/", "/accounts/settings/", "/accounts/settings/display/",
    "/accounts/settings/security/",
}  # fmt: skip
LISTEN = """
window.shifted = 0; window.refused = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value;
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture
def site(settings, tmp_path: Path) -> Iterator[str]:
    """The site with its static files collected; yields its address."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "bitfolio.staticfiles.StaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    server = LiveServerThread("localhost", lambda application: application)  # no handler before WhiteNoise
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://localhost:{server.port}"
    server.terminate()


@pytest.fixture
def traded(transactional_db) -> Portfolio:
    stage.prices()
    return stage.history(TRADES)


class Cost:
    """What one visit with an empty cache cost."""

    def __init__(self, page: Page, address: str) -> None:
        self.sent: dict[str, str] = {}  # request → address
        self.bytes: dict[str, float] = {}
        self.said: list[str] = []
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        devtools.on("Network.requestWillBeSent", self._asked)
        devtools.on("Network.loadingFinished", self._came)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        page.wait_for_load_state("networkidle")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.shifted = page.evaluate("window.shifted")
        self.refused = page.evaluate("window.refused")
        self.document = int(response.header_value("content-length") or 0)
        devtools.detach()

    def _heard(self, message) -> None:
        if message.type == "error":
            self.said.append(message.text)

    def _asked(self, event: dict) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.sent[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict) -> None:
        url = self.sent.get(event["requestId"], "data:")
        if url == ChartLibrary().url:  # answered by the test; the CDN compresses it
            self.bytes[url] = len(gzip.compress(CHART_JS.read_bytes()))
        elif not url.startswith("data:"):
            self.bytes[url] = event["encodedDataLength"]

    def faults(self, most: int) -> Iterator[str]:
        whole = sum(self.bytes.values())
        if whole > most:
            yield f"{whole:,.0f} bytes of {most:,}: {self.bytes}"
        if self.document > LARGEST_PAGE:
            yield f"the page itself has {self.document:,.0f} bytes of {LARGEST_PAGE:,}"
        if len(self.sent) > MOST_REQUESTS:
            yield f"{len(self.sent)} requests: {[*self.sent.values()]}"
        if self.shifted > MOST_SHIFT:
            yield f"what stands there jumps by {self.shifted:.3f}"
        if self.said or self.refused:
            yield f"it says {[*self.said, *self.refused]}"


def test_every_kind_of_page_keeps_to_its_budget(browser: Browser, traded: Portfolio, site: str) -> None:
    sale = traded.transactions.filter(kind="sell", asset__symbol=HOURLY).latest("occurred_at")
    known = {"portfolio": traded.pk, "sale": sale.pk}
    faults: list[str] = []
    for width in (1280, 390):
        context = open_context(browser, site, viewport={"width": width, "height": 844})
        context.add_init_script(LISTEN)
        answer_as_the_cdn(context)
        page = context.new_page()
        sign_in(page, traded.owner.username)
        for address in sorted(CHARTS | PLAIN):
            fresh = context.new_page()
            cost = Cost(fresh, address.format(**known))
            hosts = {"/".join(url.split("/")[:3]) for url in cost.sent.values()}
            foreign = hosts - {site, ChartLibrary().origin}
            most = WITH_A_CHART if address in CHARTS else WITHOUT
            told = [*cost.faults(most), *(f"asks {host}" for host in foreign)]
            faults += [f"{address} at {width} px: {fault}" for fault in told]
            fresh.close()
        context.close()
    assert faults == []


@pytest.mark.parametrize("width", [1280, 390])
def test_who_loads_the_foot_of_a_long_page_again_stands_still(
    browser: Browser, traded: Portfolio, site: str, width: int
) -> None:
    context = open_context(browser, site, viewport={"width": width, "height": 844})
    context.add_init_script(LISTEN)
    page = context.new_page()
    sign_in(page, traded.owner.username)
    for address in ("/gains/?year=all", f"/portfolios/{traded.pk}/gains/", "/transactions/"):
        page.goto(address)
        foot = "scrollTo(0, document.body.scrollHeight); scrollY"
        at = page.evaluate(foot)
        assert at > 844, address
        page.reload()
        page.wait_for_load_state("networkidle")
        until(page, f"scrollY === {at}")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate("window.shifted") <= MOST_SHIFT, address
    context.close()
