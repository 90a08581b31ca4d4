"""A token over HTTP, from signing in to its end: whatever ends it, the next request is a 401, never a 500."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services import make_api_token
from tests.factories import NOW

pytestmark = pytest.mark.django_db
RIGHT = {"username": "alice", "password": "alice-has-a-long-password"}
JSON = "application/json"


def post(path: str, body: dict[str, str]) -> Any:
    return Client().post(f"/api/auth/{path}", body, content_type=JSON)


def status(token: str) -> int:
    return Client().get("/api/portfolios/", headers={"authorization": f"Bearer {token}"}).status_code


def change_password(alice: User) -> None:
    alice.set_password("another-long-password")
    alice.save()


def disable(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)


def delete(alice: User) -> None:
    alice.delete()


@pytest.mark.parametrize("end", [change_password, disable, delete])
def test_what_ends_an_account_ends_each_of_its_tokens_at_once(end: Callable[[User], None], alice) -> None:
    pair = post("token", RIGHT).json()
    secret = make_api_token(owner=alice, name="Script", may_write=True, days=None, now=NOW)
    assert [status(pair["access"]), status(secret)] == [200, 200]
    end(alice)
    assert [status(pair["access"]), status(secret), status(pair["refresh"])] == [401, 401, 401]
    assert post("token/refresh", {"refresh": pair["refresh"]}).status_code == 401
    assert post("token/revoke", {"refresh": pair["refresh"]}).status_code == 204


def test_revoking_ends_access_and_refresh_at_once(alice) -> None:
    pair = post("token", RIGHT).json()
    assert post("token/revoke", {"refresh": pair["refresh"]}).status_code == 204
    assert status(pair["access"]) == 401
    assert post("token/refresh", {"refresh": pair["refresh"]}).status_code == 401


def test_a_refresh_token_that_is_used_twice_ends_its_family_and_no_other(alice) -> None:
    first, other = post("token", RIGHT).json(), post("token", RIGHT).json()
    second = post("token/refresh", {"refresh": first["refresh"]}).json()
    assert [status(first["access"]), status(second["access"])] == [200, 200]
    assert post("token/refresh", {"refresh": first["refresh"]}).status_code == 401
    assert [status(first["access"]), status(second["access"]), status(other["access"])] == [401, 401, 200]
    assert post("token/refresh", {"refresh": second["refresh"]}).status_code == 401


def test_a_personal_token_of_a_disabled_user_is_not_noted_as_used(alice) -> None:
    secret = make_api_token(owner=alice, name="Script", may_write=True, days=None, now=NOW)
    disable(alice)
    assert (status(secret), ApiToken.objects.get().last_used_at) == (401, None)
