"""The facts of a document decided from their candidates: title, authors, dates, site, canonical URL and so on.

Each decision is a value and the evidence for it, a sentence a person understands. Nothing is guessed: a fact without evidence is
None, and the sentence says why.
"""

from pipeline.facts.context import Context
from pipeline.facts.document import DocumentFacts, decide

__all__ = ["Context", "DocumentFacts", "decide"]
