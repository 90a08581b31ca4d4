"""How a view answers htmx and plain browsers alike: the fragment that was asked for, or the whole page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

CHANGED = "portfolio:changed"  # what regions listen to that show figures
PLACE = "_token_place"  # of a request whose page is remembered: what stands where its token will


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, and reads at another address."""

    status_code = 303


def show(request: HttpRequest, template: str, context: dict[str, Any], *, part: str = "") -> HttpResponse:
    """The page, or its partial `part` where htmx asks for that region."""
    if place := getattr(request, PLACE, ""):
        context = context | {"csrf_token": place}
    return render(request, f"{template}#{part}" if part else template, context)


def wanted_part(request: HttpRequest, parts: set[str]) -> str:
    """The region htmx is going to replace, if it is one of these; else "" for the page."""
    target = request.htmx.target if request.htmx and not request.htmx.boosted else ""
    return target if target in parts else ""


def refuse(
    request: HttpRequest, template: str, context: dict[str, Any], *, part: str = "form"
) -> HttpResponse:
    """What was posted is not valid: 422, with the form that says why."""
    return render(request, f"{template}#{part}" if request.htmx else template, context, status=422)


def see_other(request: HttpRequest, to: str, said: str = "") -> HttpResponse:
    """What was posted is done: go there, and say so there."""
    if said:
        messages.success(request, said)
    return HttpResponseClientRedirect(to) if request.htmx else SeeOther(to)


def changed(response: HttpResponse, *, said: str = "") -> HttpResponse:
    """Tell the page that figures have changed, and the reader what happened (`said`)."""
    trigger_client_event(response, CHANGED)
    if said:
        trigger_client_event(response, "toast", {"value": said})
    return response


def back(request: HttpRequest, otherwise: str) -> str:
    """Where the reader came from, as the form says, if that is on this site."""
    to = request.POST.get("next", "")
    return to if to and url_has_allowed_host_and_scheme(to, {request.get_host()}) else otherwise


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing, unless something was posted, be it empty."""
    return request.POST if request.method == "POST" else None
