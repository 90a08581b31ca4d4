"""How gunicorn serves the web side: a few synchronous workers on this machine's own address.

A reverse proxy stands in front where the world may look in (README, "Run it for real").
"""

import os

bind = f"{os.environ.get('BIND_ADDRESS', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
timeout = 40  # a request may wait 20 s for SQLite's write lock; past this the worker is replaced
graceful_timeout = 20  # what a request under way is given when the server stops
preload_app = True  # one import for all workers, and a broken set-up shows before the port opens
control_socket_disable = True
loglevel = "warning"


def when_ready(server):
    """Say where the pages are. With `preload_app` the application is loaded by then and the port is open."""
    demo = " Sign in as demo, password demo." if os.environ.get("DEMO") == "1" else ""
    print(f"Bitfolio is at http://{bind}/{demo}")
    print("Ctrl-C stops it, once the tasks under way are done.", flush=True)
