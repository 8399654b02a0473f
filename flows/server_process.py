"""The process of the server for commands by hand: `python -m flows.server_process PORT HOME`.

It serves until no command by hand of HOME (PREFECT_HOME) is left, or SIGTERM comes.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import uvicorn

from flows import address

GRACE = 10.0  # seconds to end in


def main() -> None:
    """Serve Prefect's API on loopback."""
    threading.Thread(target=_end_with_users, args=(Path(sys.argv[2]),), daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=2,
    )


def _end_with_users(home: Path) -> None:
    """Whoever uses us holds a lock, and lets it go also when killed."""
    address.wait_for_users(home)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    main()
