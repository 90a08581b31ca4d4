"""How static files are stored: named by their content, compressed; others' scripts left byte for byte."""

import re
from collections.abc import Callable, MutableMapping
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


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
