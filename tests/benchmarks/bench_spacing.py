"""Lost blanks: this project beside wordsegment, wordninja and symspellpy, on damage done to prose of our own.

    uv run --with wordsegment --with wordninja --with symspellpy python tests/benchmarks/bench_spacing.py [--bench FOLDER]

With `--bench ../shared/bench` the development benches are measured too (English typographers' damage and undamaged prose). A
peer that is not installed is left out. wordninja and symspellpy are given the words they do not know, wordsegment all, which
is the best way to use each.
"""

import argparse
import gzip
import importlib.util
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pipeline import edits
from pipeline.repair.options import RepairOptions
from pipeline.repair.spacing import repair_spacing

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "spacing"
WORD = re.compile(r"[A-Za-z]{2,}")
PER_MODE = 40


class Case(NamedTuple):
    """A damaged text and what it was."""

    mode: str
    damaged: str
    truth: str


def ours(text: str, *, aggressive: bool = False) -> str:
    """This project's repair of lost blanks alone."""
    outcome = repair_spacing([text], language=None, options=RepairOptions(aggressive=aggressive))
    return edits.replay(text, outcome.steps[0])


def ours_aggressive(text: str) -> str:
    """The same with random losses restored too."""
    return ours(text, aggressive=True)


def wordsegment() -> Callable[[str], str]:
    """wordsegment on every word: its list knows "ofthe" as one, so that unknown words alone would not do."""
    import wordsegment as peer

    peer.load()
    return lambda text: WORD.sub(lambda m: _cased(m[0], peer.segment(m[0])), text)


def wordninja() -> Callable[[str], str]:
    """wordninja on the words it does not know."""
    import wordninja as peer

    known = peer.DEFAULT_LANGUAGE_MODEL._wordcost
    return lambda text: WORD.sub(lambda m: _cased(m[0], peer.split(m[0]) if m[0].lower() not in known else []), text)


def symspellpy() -> Callable[[str], str]:
    """symspellpy's word segmentation on the words it does not know."""
    from symspellpy import SymSpell

    peer = SymSpell(max_dictionary_edit_distance=0, prefix_length=7)
    peer.load_dictionary(str(files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")), 0, 1)

    def split(match: re.Match[str]) -> str:
        word = match[0]
        if word.lower() in peer.words:
            return word
        parts = peer.word_segmentation(word.lower(), max_edit_distance=0).segmented_string.split()
        return _cased(word, parts)

    return lambda text: WORD.sub(split, text)


PEERS = {"wordsegment": wordsegment, "wordninja": wordninja, "symspellpy": symspellpy}


def _cased(word: str, parts: list[str]) -> str:
    """`word` cut where `parts` say, its letters as they were; whole where they do not fit."""
    if not parts or "".join(parts).lower() != word.lower():
        return word
    out, at = [], 0
    for part in parts:
        out.append(word[at : at + len(part)])
        at += len(part)
    return " ".join(out)


def own_cases() -> Iterator[Case]:
    """Damage done to the prose in tests/golden/spacing."""
    damage = _damage()
    for path in sorted(GOLDEN.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        language = path.stem[:2]
        words = damage.WORDS[language]
        yield Case(f"{language} typographer", damage.typographer(text, words), text)
        yield Case(f"{language} short words", damage.short_words(text, 2 if language == "ru" else 3), text)
        yield Case(f"{language} sentences", damage.sentence_ends(text, 4), text)
        yield Case(f"{language} random 10 %", damage.at_random(text, 0.1, seed=7), text)
        yield Case(f"{language} undamaged", text, text)


def bench_cases(folder: Path) -> Iterator[Case]:
    """The first cases of each mode of the development benches."""
    for name in ("spacing-dev.jsonl.gz", "spacing-clean-dev.jsonl.gz"):
        seen: dict[str, int] = {}
        with gzip.open(folder / name, "rt", encoding="utf-8") as rows:
            for row in map(json.loads, rows):
                seen[row["mode"]] = seen.get(row["mode"], 0) + 1
                if seen[row["mode"]] <= PER_MODE:
                    yield Case(f"bench {row['mode']}", row["damaged"], row["gold"])


def _damage() -> object:
    path = ROOT / "tests" / "repair" / "spacing" / "damage.py"
    spec = importlib.util.spec_from_file_location("spacing_damage", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def measure(name: str, repair: Callable[[str], str], cases: list[Case]) -> None:
    """Prints F1, wrong blanks per 10,000 words and speed, mode by mode."""
    blanks = _damage().blanks  # type: ignore[attr-defined]
    repair("Warm up ofthe tables forthe first call tothe function.")
    for mode in dict.fromkeys(case.mode for case in cases):
        right = wrong = missed = words = letters = changed = 0
        start = time.process_time()
        outputs = [(case, repair(case.damaged)) for case in cases if case.mode == mode]
        spent = time.process_time() - start
        for case, output in outputs:
            before, truth, after = blanks(case.damaged), blanks(case.truth), blanks(output)
            right += len((after - before) & truth)
            wrong += len((after - before) - truth)
            missed += len(truth - after - before)
            words, letters, changed = (
                words + len(truth),
                letters + len(case.damaged),
                changed + (output != case.damaged),
            )
        score = 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 1.0
        shown = f"F1 {score:.4f}" if right + missed else "no loss  "
        print(
            f"{name:16}{mode:20}{shown}  wrong/10k {1e4 * wrong / words:8.2f}  changed {changed:3}/{len(outputs):<3} "
            f"{letters / 1e6 / max(spent, 1e-9):8.3f} Mchar/CPU-s"
        )


def main() -> None:
    """Measures every tool that is installed."""
    parser = argparse.ArgumentParser(description="Lost blanks: this project beside its peers.")
    parser.add_argument("--bench", type=Path, help="folder of the development benches")
    args = parser.parse_args()
    cases = list(own_cases()) + (list(bench_cases(args.bench)) if args.bench else [])
    measure("unscrape", ours, cases)
    measure("  aggressive", ours_aggressive, [case for case in cases if re.search("random|rand|block", case.mode)])
    for name, load in PEERS.items():
        if importlib.util.find_spec(name) is None:
            print(f"{name:16}not installed")
            continue
        measure(name, load(), [case for case in cases if case.mode.startswith(("en", "bench"))])


if __name__ == "__main__":
    main()
