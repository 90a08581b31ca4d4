"""What holds for every operation: declared parameters alone, one `now`, and refusals of one shape."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja.operation import Operation

from bitfolio.api.errors import Refused, refusal
from bitfolio.api.reading import is_kept
from bitfolio.api.repetition import creates, once

View = Callable[..., HttpResponse]


def by_convention(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate an operation: who it is comes first, then its parameters and body, then its queries' names."""
    operation: Operation = run.__self__
    view = once(operation, operation.view_func) if creates(operation) else operation.view_func
    operation.view_func = _declared_alone(view, _query_names(operation))

    @wraps(run)
    def answer(request: HttpRequest, **values: Any) -> HttpResponse:
        request.now = timezone.now()
        return run(request, **values)

    return answer


def both_ways(patterns: Iterable[Any]) -> list[URLPattern]:
    """Each address with and without a slash at its end: a redirect would lose what is posted."""
    found = []
    for pattern in patterns:
        route = str(pattern.pattern)
        twin = route.removesuffix("/") if route.endswith("/") else f"{route}/"
        view = _door(pattern.callback)
        found.append(path(route, view, name=pattern.name))
        if route:
            found.append(path(twin, view))
    return found


@csrf_exempt
@login_not_required
def nowhere(_request: HttpRequest) -> HttpResponse:
    """404 for whatever else is asked under /api/."""
    return refusal(404)


def _door(view: View) -> View:
    """HEAD is GET, whose body the server leaves out; 404 and 405 are JSON too."""

    @csrf_exempt
    @login_not_required
    @wraps(view, updated=())
    def door(request: HttpRequest, **values: Any) -> HttpResponse:
        if not request.path.isprintable():
            return refusal(404)
        method = request.method
        request.method = "GET" if method == "HEAD" else method
        try:
            response = view(request, **values)
        except Http404:
            return refusal(404)
        finally:
            request.method = method
        if isinstance(response, HttpResponseNotAllowed):
            return refusal(405, headers={"Allow": response["Allow"]})
        return response

    return door


def _query_names(operation: Operation) -> frozenset[str]:
    models = (model for model in operation.models if model.__ninja_param_source__ == "query")
    return frozenset(name for model in models for name in model.__ninja_flatten_map__)


def _declared_alone(view: View, known: frozenset[str]) -> View:
    """Refuse query parameters that the operation does not declare, and those that are given twice."""

    @wraps(view)
    def asked(request: HttpRequest, **values: Any) -> HttpResponse:
        errors = {name: [why] for name, told in request.GET.lists() if (why := _wrong(name, told, known))}
        if errors:
            raise Refused(422, errors)
        return view(request, **values)

    return asked


def _wrong(name: str, told: list[str], known: frozenset[str]) -> str:
    if name not in known:
        return "There is no such parameter."
    if len(told) > 1:
        return "This was given twice."
    return "" if is_kept(told[0]) else "There is a character here that can’t be used."
