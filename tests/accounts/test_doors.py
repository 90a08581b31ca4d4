"""Whose attempt is counted behind a proxy, and what the administration says of the demo."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.backends import client_address
from accounts.models import User
from tests.conftest import signed_in


@pytest.mark.parametrize(
    ("behind_proxy", "told", "counted"),
    [
        (True, "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        (True, "nonsense", "127.0.0.1"),
        (True, "", "127.0.0.1"),
        (False, "203.0.113.7", "127.0.0.1"),
    ],
)
def test_the_address_is_the_proxys_last_word_and_nobody_elses(
    settings: Settings, rf: RequestFactory, behind_proxy: bool, told: str, counted: str
) -> None:
    settings.HTTPS = behind_proxy
    assert client_address(rf.post("/accounts/login/", HTTP_X_FORWARDED_FOR=told)) == counted


@pytest.mark.django_db
def test_the_administration_says_demo_mode_too(settings: Settings) -> None:
    settings.DEMO = True
    office = signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))
    assert "Demo mode" in office.get("/admin/").content.decode()
    assert "Demo mode" in Client().get("/admin/login/").content.decode()
    settings.DEMO = False
    assert "Demo mode" not in office.get("/admin/").content.decode()
