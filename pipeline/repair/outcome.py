"""What a repairer answers."""

from dataclasses import dataclass

from pipeline.document import Damage, Step, Suspect


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """For each text given, in order: the steps to apply and the suspects, whose offsets count in the text after those steps.

    `language` is the ISO 639-1 code the repairer worked with, None where it is unsure or did not ask.
    """

    steps: tuple[tuple[Step, ...], ...]
    suspects: tuple[tuple[Suspect, ...], ...]
    damages: tuple[Damage, ...] = ()
    language: str | None = None

    @classmethod
    def unchanged(cls, count: int) -> "Outcome":
        """Nothing done to `count` texts."""
        return cls(steps=((),) * count, suspects=((),) * count)
