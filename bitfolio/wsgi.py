"""The WSGI entry point: `gunicorn bitfolio.wsgi:application`."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bitfolio.settings")


class Request(WSGIRequest):
    """A Content-Type that can't be read is a charset that nobody knows (which a middleware refuses), not an
    error before there is a request to answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (ValueError, LookupError):
            self.content_type, self.content_params = "", {"charset": "unknown"}


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()
