"""The settings are sections with an address each; this is what they share."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# URL name → what the navigation calls it, in its order. A section is added by a line here and its page.
SECTIONS = {
    "settings": "Profile",
    "settings-display": "Display",
    "settings-security": "Security",
    "settings-data": "Data",
}


def section_page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The page of a section, at its address of this name; 422 when a form on it is not right."""
    template = f"accounts/{name.replace('-', '_')}.html"
    wrong = any(getattr(value, "errors", None) for value in context.values())
    shared = {"sections": SECTIONS, "section": name}
    return render(request, template, context | shared, status=422 if wrong else 200)
