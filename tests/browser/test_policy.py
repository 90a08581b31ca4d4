"""In a real browser: the worst texts run nothing; neither site nor administration breaks its policy."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from prices.models import Asset
from tests.browser.conftest import PASSWORD, sign_in
from tests.factories import PortfolioFactory
from tests.security.payloads import payloads

pytestmark = pytest.mark.django_db(transaction=True)

OPENERS = ("<", '">', "'>", "</", "`", " ", "javascript")
WORST = [text for text in payloads() if text.startswith(OPENERS)][::12][:20]
LISTEN = """
window.broken = []; window.xq7 = () => window.broken.push("ran");
document.addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def watch(page: Page) -> list[str]:
    """What a page does that it should not, from now on: dialogs, errors, requests to others, violations."""
    found: list[str] = []
    page.add_init_script(LISTEN)
    page.on("dialog", lambda dialog: (found.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: found.append(f"error {error}"))
    page.on("console", lambda said: found.append(said.text) if "Content Security" in said.text else None)
    page.on("request", lambda request: found.append(request.url) if "evil.example" in request.url else None)
    return found


def visit(page: Page, path: str, found: list[str]) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    found += [f"{path}: {each}" for each in page.evaluate("window.broken")]


def test_the_twenty_worst_texts_run_nothing(page: Page, mira) -> None:
    assert len(WORST) == 20
    portfolio = Portfolio.objects.get(name="Savings")
    for text in WORST:
        PortfolioFactory(owner=mira, name=text)
    for row, text in zip(Transaction.objects.order_by("pk"), WORST, strict=False):
        Transaction.objects.filter(pk=row.pk).update(note=text)
    User.objects.filter(pk=mira.pk).update(first_name=WORST[0])
    Asset.objects.filter(symbol="ETH").update(name=WORST[1])
    found = watch(page)
    sign_in(page)
    row = portfolio.transactions.first()
    for path in (
        "/", "/portfolios/", f"/portfolios/{portfolio.pk}/", "/transactions/",
        f"/transactions/{row.pk}/edit/",
        f"/transactions/{row.pk}/history/", "/transactions/new/", "/prices/ETH/", "/accounts/settings/",
        "/transactions/?q=%22%3E%3Cimg%20src=x%20onerror=xq7()%3E", "/accounts/login/?next=javascript:xq7()",
    ):  # fmt: skip
        visit(page, path, found)
    assert found == []


def test_the_administration_works_within_the_policy(page: Page, mira) -> None:
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    row, coin = Transaction.objects.first(), Asset.objects.get(symbol="BTC")
    found = watch(page)
    sign_in(page, "root")
    for path in (
        "/admin/", "/admin/accounts/user/", f"/admin/accounts/user/{mira.pk}/change/",
        "/admin/accounts/user/add/",
        "/admin/portfolios/portfolio/", "/admin/portfolios/transaction/",
        f"/admin/portfolios/transaction/{row.pk}/change/", "/admin/prices/asset/",
        f"/admin/prices/asset/{coin.pk}/change/", "/admin/prices/refusedprice/",
        "/admin/django_q/success/", "/staff/",
    ):  # fmt: skip
        visit(page, path, found)
    assert found == []
    assert timezone.get_current_timezone_name() == "UTC"
