"""The OpenAPI document, with what holds for every operation, and the page that shows it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from bitfolio.api.repetition import DOCUMENTED

REFUSAL = {
    "type": "object",
    "required": ["detail", "errors"],
    "properties": {
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "By field: what is wrong with it.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "example": {"detail": "quantity: This is required.", "errors": {"quantity": ["This is required."]}},
}
REFUSED = {
    "description": "Refused; nothing was done.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}


class DocumentedAPI(NinjaAPI):
    """Says of every operation how it refuses."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        document.setdefault("components", {}).setdefault("schemas", {})["Refusal"] = REFUSAL
        for operations in document["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add the refusals, and the key that a POST takes which creates for somebody known."""
    told = {str(status): said for status, said in operation["responses"].items()}
    operation["responses"] = {"4XX": REFUSED, "503": REFUSED} | told
    if method == "post" and "201" in told and "security" in operation:
        operation.setdefault("parameters", []).append(DOCUMENTED)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Interactive documentation, from our own files alone."""
    return render(request, "api_docs.html")
