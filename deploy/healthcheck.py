"""Whether the web side of this container answers and reaches its database: exit code 0, else 1 and why.

A worker that stands still is another container's affair; /api/health tells of it, but it makes no web sick.
"""

import http.client
import json
import os
import sys


def main() -> int:
    allowed = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    host = "localhost" if allowed in {"", "*"} else allowed.removeprefix(".")
    # As its proxy asks it: by the name that it answers to, and by HTTPS.
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        connection.request("GET", "/api/health", headers=headers)
        found = json.load(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"no answer: {error}")
        return 1
    print(f"database {found.get('database')}")
    return 0 if found.get("database") == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
