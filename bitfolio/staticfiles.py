"""How static files are stored: named by their content, our own without what only a reader of the source
needs, a script in one with those that it imports, compressed; others' scripts left byte for byte.
"""

import re
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS: dict[str, Callable[[str], str]] = {"css/": cssmin, "js/": jsmin}  # folder → what takes comments out

# As it stands in the source, or with the hashed name of what is imported.
IMPORT = re.compile(r'^import \{[^}]*\} from ?"\./([\w-]+)(?:\.[0-9a-f]{12})?\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=const|function|async|let|class)", re.MULTILINE)


def in_one(text: str, read: Callable[[str], str | None]) -> str:
    """A module with the siblings that it imports before it: each file of its own would be another request.

    What they call things outside of functions must differ; browsers refuse the whole otherwise. What `read`
    does not know stays an import.
    """
    parts: dict[str, str] = {}

    def add(name: str, source: str) -> None:
        parts[name] = IMPORT.sub(brought_in, source)

    def brought_in(found: re.Match[str]) -> str:
        source = read(found[1])
        if source is not None and found[1] not in parts:
            add(found[1], source)
        return found[0] if source is None else ""

    add("", text)
    own = parts.pop("")
    return "".join([*(EXPORT.sub("", part) for part in parts.values()), own])


def _sibling(name: str) -> str | None:
    path = finders.find(f"js/{name}.js")
    return Path(path).read_text(encoding="utf-8") if isinstance(path, str) else None


def as_served(name: str, text: str) -> str:
    """A static file's text without its comments and needless blanks, if it is one of ours."""
    if name.startswith("js/"):
        text = in_one(text, _sibling)
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
