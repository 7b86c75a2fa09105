"""A whole server with API keys, for tests with real clients: `python web_server.py HOME SETTING...`.

Prints one line of JSON, its address and its keys, when every lane runs. SIGTERM ends it.
"""

import json
import sys
import time
from pathlib import Path

from tidegate.server.project.serving import Begun, serve
from tidegate.server.project.setup import migrate, prepare
from tidegate.settings import resolve


def _keys() -> dict[str, str]:
    """Secrets of keys: one that may score, one that may not, one that has expired."""
    from tidegate.server.accounts.keys import create

    now_s = time.time()
    _, scores = create("a platform", ["texts:score"], now_s=now_s)
    _, reads = create("another", ["uploads:read"], now_s=now_s)
    _, late = create("an old one", ["texts:score"], now_s=now_s - 10, expires_at_s=now_s - 5)
    return {"scores": scores, "reads": reads, "late": late}


def main(home: Path, flags: list[str]) -> None:
    """Serve until told to end."""
    resolved = resolve([f"home={home}", "server.port=0", "server.screen_processes=0", *flags], environ={})
    prepare(resolved)
    migrate()
    told: dict[str, object] = {"keys": _keys()}

    def begun(one: Begun) -> None:
        told["address"] = one.url

    def ready() -> None:
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()

    serve(resolved, on_begun=begun, on_ready=ready)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
