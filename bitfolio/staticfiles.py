"""How static files are stored: named by their content, our own without what only a reader of the source
needs, compressed; others' scripts left byte for byte.
"""

import re
from collections.abc import Callable, MutableMapping
from typing import Any

from django.core.files.base import ContentFile, File
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS: dict[str, Callable[[str], str]] = {"css/": cssmin, "js/": jsmin}  # folder → what takes comments out


def as_served(name: str, text: str) -> str:
    """A static file's text without its comments and needless blanks, if it is one of ours."""
    for folder, minify in OURS.items():
        if name.startswith(folder):
            return minify(text)
    return text


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, also in the imports of our own scripts.

    Scripts of others keep their bytes: the pages check the hash of our copy of Chart.js as they check the
    CDN's, and Django would rewrite the address of its source map, or miss that file.
    """

    support_js_module_import_aggregation = True

    def url_converter(
        self, name: str, hashed_files: MutableMapping[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        if name.endswith(".js") and not name.startswith("js/"):
            return lambda match: match[0]
        converter: Any = super().url_converter(name, hashed_files, template)
        return converter

    def _save(self, name: str, content: File) -> str:
        if name.startswith(tuple(OURS)) and name.endswith((".css", ".js")):
            parts = (part if isinstance(part, bytes) else part.encode() for part in content.chunks())
            content = ContentFile(as_served(name, b"".join(parts).decode()).encode())
        saved: str = super()._save(name, content)
        return saved
