"""The review page: static HTML with its data beside it, which opens from a file without any server."""

from pipeline.store.report.build import build

__all__ = ["build"]
