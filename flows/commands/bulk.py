"""`unscrape bulk`: many captures to records, in shards."""

from typing import Annotated

from cyclopts import Parameter

from flows.console import UsageError
from flows.runner import prefect_session
from flows.settings import load_settings


def bulk(
    *inputs: Annotated[
        str, Parameter(help="WARC files, globs or folders of them, or raw/: any path or URL fsspec knows.")
    ],
    out: Annotated[str, Parameter(help="Folder (or URL) for the records.")],
    source: Annotated[str | None, Parameter(help="The source whose description is used for all of them.")] = None,
    scheduler: Annotated[str | None, Parameter(help="Address of a Dask scheduler, e.g. tcp://10.0.0.1:8786.")] = None,
    workers: Annotated[int | None, Parameter(help="Processes of this machine; default: one a core.")] = None,
    pages: Annotated[int, Parameter(help="Captures of a large file in a shard.")] = 500,
) -> int:
    """Clean many captures, in shards, on many processes."""
    if not inputs:
        raise UsageError(
            "bulk needs input: WARC files or a folder of captures, e.g. unscrape bulk crawl.warc.gz --out out/"
        )
    with prefect_session(load_settings()) as ready:
        from flows.bulk import Bulk, main

        ready()
        return main(Bulk(inputs=inputs, out=out, source=source, scheduler=scheduler, processes=workers, pages=pages))
