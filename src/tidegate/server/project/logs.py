"""Where the server's events go: one line each on stderr, names and numbers, never content."""

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def log_to_stderr() -> None:
    """Set up once a process; what libraries say beneath a warning is left out."""
    root = logging.getLogger()
    if root.handlers:
        return
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=FORMAT)
    for name in ("uvicorn", "uvicorn.error", "httpx", "httpcore", "allauth", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Django writes the whole path of a failed request, and a one-time link is a path.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
