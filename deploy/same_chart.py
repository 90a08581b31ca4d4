"""Exit code 0 where the file that is named is the Chart.js whose hash the pages name."""

import base64
import hashlib
import sys
from pathlib import Path


def main(path: str) -> int:
    digest = base64.b64encode(hashlib.sha384(Path(path).read_bytes()).digest()).decode()
    named = (Path(__file__).resolve().parent.parent / "bitfolio" / "context.py").read_text()
    if f"sha384-{digest}" in named:
        return 0
    print(f"{path} is another file than the one that the pages name: sha384-{digest}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
