"""Turns scraped pages back into the documents they were: `clean` is the whole line, spelt out in pipeline/line.py."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.line import clean

__all__ = ["clean"]


def __getattr__(name: str) -> Any:
    """`clean` on first use: who needs one part of the pipeline (`pipeline.store`, say) does not load all stages."""
    if name == "clean":
        from pipeline.line import clean

        return clean
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
