"""How gunicorn serves the web side: a few synchronous workers on this machine's own address.

A reverse proxy stands in front where the world may look in (README, "Run it for real").
"""

import ctypes
import os
import signal
import sys

bind = f"{os.environ.get('BIND_ADDRESS', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
timeout = 40  # a request may wait 20 s for SQLite's write lock; past this the worker is replaced
graceful_timeout = 20  # what a request under way is given when the server stops
preload_app = True  # one import for all workers, and a broken set-up shows before the port opens
control_socket_disable = True
loglevel = "warning"
PR_SET_PDEATHSIG = 1  # of Linux


def post_fork(server, worker):
    """Let a worker end, after its request, when its master is gone: an idle one would notice only
    after 20 s, and hold the port that the next master needs.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def when_ready(server):
    """Say where the pages are. With `preload_app` the application is loaded by then and the port is open."""
    demo = " Sign in as demo, password demo." if os.environ.get("DEMO") == "1" else ""
    print(f"Bitfolio is at http://{bind}/{demo}")
    print("Ctrl-C stops it, once the tasks under way are done.", flush=True)
