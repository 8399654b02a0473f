"""An example of each schema, shown in the published JSON Schema."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

RECORD_V1: Mapping[str, Any] = MappingProxyType(
    {
        "schema_version": 1,
        "id": "url:0f115db062b7c0dd030b16878c99dea5",
        "revision": 1,
        "content_hash": "8f8a0d3c2a1b4c5d6e7f80910a1b2c3d4e5f60718293a4b5c6d7e8f901122334",
        "supersedes": None,
        "change": None,
        "gone_at": None,
        "source": "river-news",
        "url": "https://river-news.example/2026/ferry",
        "canonical_url": "https://river-news.example/2026/ferry",
        "capture": {
            "sha256": "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592",
            "fetched_at": "2026-03-02T08:00:00Z",
            "status": 200,
            "media_type": "text/html",
            "encoding": "windows-1251",
            "encoding_evidence": "label in the header, and the words bear it out",
        },
        "title": "The ferry runs again",
        "title_evidence": "h1",
        "byline": None,
        "authors": [],
        "byline_evidence": "no byline found",
        "published_at": "2026-03-01T14:18:00Z",
        "published_date": "2026-03-01",
        "published_raw": "01.03.2026 17:18",
        "published_zone": "Europe/Moscow",
        "published_evidence": "line under the title, read in the source's zone",
        "modified_at": None,
        "modified_date": None,
        "modified_raw": None,
        "language": "en",
        "site": "River News",
        "section": None,
        "tags": [],
        "licence": None,
        "blocks": [
            {
                "kind": "paragraph",
                "text": "After the ice went out the ferry took up its service of the town.",
                "level": None,
                "ordered": None,
                "depth": None,
                "header_rows": None,
                "path": "html>body>main>p[1]",
                "language": None,
                "start": None,
                "before_sha256": "9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de",
            }
        ],
        "steps": [
            {
                "block": 0,
                "fact": None,
                "rule": "spacing.typographer",
                "splices": [{"start": 57, "before": "", "after": " ", "escaped": False}],
            }
        ],
        "removals": [
            {
                "path": "html>body>nav",
                "reason": "navigation",
                "length": 24,
                "text": "Home News Weather Contact",
                "start": None,
                "escaped": False,
            }
        ],
        "quality": {
            "confidence": 0.97,
            "notes": [],
            "damages": [
                {
                    "kind": "spacing.typographer",
                    "evidence": "blanks after short words were lost",
                    "confidence": 0.99,
                    "repaired": 1,
                    "detail": {},
                }
            ],
            "suspects": [],
            "characters_before": 512,
            "characters_after": 66,
            "quarantined": None,
        },
        "same_as": [],
        "pipeline": {
            "version": "0.1.0",
            "source_hash": None,
            "data_hash": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            "correction_hash": None,
        },
        "checksum": "1c291ca3",
    }
)

SOURCE_V1: Mapping[str, Any] = MappingProxyType(
    {
        "schema_version": 1,
        "name": "river-news",
        "homepage": "https://river-news.example/",
        "language": "en",
        "discover": {"feeds": ["https://river-news.example/feed.xml"], "include": ["/20[0-9]{2}/"]},
        "dates": {"timezone": "Europe/Moscow", "day_first": True},
        "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Moscow"},
    }
)
