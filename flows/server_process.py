"""The process of the temporary server: `python -m flows.server_process PORT`, until stdin ends or SIGTERM comes."""

import os
import signal
import sys
import threading

import uvicorn


def main() -> None:
    """Serve Prefect's API on loopback."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=2,
    )


def _end_with_stdin() -> None:
    """Whoever started us holds the other end, and lets it go also when killed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
