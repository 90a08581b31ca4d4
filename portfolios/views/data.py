"""The section of the settings about data: take all of it along, or delete the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views import few_failures
from accounts.views.sections import section_page
from portfolios.forms import LeaveForm
from portfolios.models import Portfolio, Transaction
from portfolios.services import delete_account
from portfolios.views.answers import posted
from portfolios.views.takeout import archive

LEAVE = "accounts/account_delete.html"


@require_safe
def data_settings(request: HttpRequest) -> HttpResponse:
    return section_page(request, "settings-data", _counts(request))


@require_safe
def data_export(request: HttpRequest) -> FileResponse:
    """Everything that is kept about the user, as one file; see `takeout`."""
    now = timezone.now()
    name = f"bitfolio-{now:%Y-%m-%d}.zip"
    response = FileResponse(archive(request.user, now=now), as_attachment=True, filename=name)
    response["Content-Type"] = "application/zip"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@few_failures
def account_delete(request: HttpRequest) -> HttpResponse:
    form = LeaveForm(posted(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            delete_account(user=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            messages.success(request, "Your account and everything in it is deleted.")
            return redirect("dashboard")
    return render(request, LEAVE, {"form": form, **_counts(request)}, status=422 if form.errors else 200)


def _counts(request: HttpRequest) -> dict[str, int]:
    return {
        "portfolios": Portfolio.objects.owned_by(request.user).count(),
        "transactions": Transaction.objects.owned_by(request.user).kept().count(),
    }
