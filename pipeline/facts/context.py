"""What is known about a document besides the candidates found in it."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.source_v1 import DatesV1


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`url` of the page; `fetched_at` (aware), against which dates in the future are refused; `language` (ISO 639-1);
    `heading`, the first heading of the text; `site` as the source calls it; `dates`, how the source writes dates."""

    url: str | None = None
    fetched_at: datetime | None = None
    language: str | None = None
    heading: str | None = None
    site: str | None = None
    dates: DatesV1 = field(default_factory=DatesV1)
