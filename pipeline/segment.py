"""Repaired → Segmented."""

from dataclasses import fields

from pipeline.document import Rejected, Repaired, Segmented


def segment(repaired: Repaired) -> Segmented | Rejected:
    return Segmented(**{f.name: getattr(repaired, f.name) for f in fields(Repaired)})
