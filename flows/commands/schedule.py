"""`unscrape schedule`: the service."""

from typing import Annotated

from cyclopts import Parameter

from flows.settings import load_settings, prepare_prefect


def schedule(
    *,
    limit: Annotated[int, Parameter(help="Runs at a time.")] = 2,
    port: Annotated[
        int | None, Parameter(help="Of Prefect's server and interface; default: 4200 or the next free one.")
    ] = None,
    pool: Annotated[str, Parameter(help="Prefect's work pool.")] = "unscrape",
) -> int:
    """Ingest every enabled source on its own cron, until stopped."""
    settings = load_settings()
    prepare_prefect(settings, one_run=False)
    from flows.schedule import Service, main

    return main(settings, Service(limit=limit, port=port, pool=pool))
