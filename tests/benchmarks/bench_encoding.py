"""Encodings: our decision and repair beside other people's, on the same benches.

    python tests/benchmarks/bench_encoding.py [--bench ../shared/bench] [--limit N]

Needs the folder of benches. Other packages are measured where they are installed: chardet, charset-normalizer, trafilatura.
Decoding counts the pages whose article comes out exactly; repair counts damaged lines restored exactly and undamaged lines changed.
"""

import argparse
import base64
import gzip
import html
import importlib.util
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ftfy

from pipeline.decode import decode_bytes
from pipeline.repair import RepairOptions, repair_text
from pipeline.repair.encoding.residue import tuned

Decoder = Callable[[bytes, str | None, str], str]
Repairer = Callable[[str], str]
ENCODING_ONLY = RepairOptions(spacing=False)
DOMAINS = {
    "en": "com",
    "EN_NBSP": "ru",
    "EN_CHROME": "ru",
    "uk": "ua",
    "cs": "cz",
    "zh": "cn",
    "zh_Hant": "tw",
    "ja": "jp",
    "ko": "kr",
}
UNRESTORABLE = {"drop_nonascii", "replace_fffd", "replace_qmark", "nfd", "ligatures", "fullwidth"}


def decoders() -> dict[str, Decoder]:
    """Every decoder at hand, by name."""
    found: dict[str, Decoder] = {"unscrape": lambda body, header, url: decode_bytes(body, header, url).text}
    if importlib.util.find_spec("chardet"):
        import chardet

        found["chardet"] = lambda body, header, url: body.decode(chardet.detect(body)["encoding"] or "utf-8", "replace")
    if importlib.util.find_spec("charset_normalizer"):
        import charset_normalizer

        found["charset-normalizer"] = lambda body, header, url: str(charset_normalizer.from_bytes(body).best() or "")
    if importlib.util.find_spec("trafilatura"):
        from trafilatura.utils import decode_file

        found["trafilatura"] = lambda body, header, url: str(decode_file(body))
    return found


def repairers() -> dict[str, Repairer]:
    """Every repairer, by name."""
    return {
        "unscrape": lambda text: repair_text(text, options=ENCODING_ONLY).text,
        "ftfy, tuned": tuned(),
        "ftfy": ftfy.fix_text,
    }


def rows(path: Path, limit: int) -> Iterator[dict[str, Any]]:
    """The cases of a bench; with a limit, about so many, evenly spread."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    yield from cases[:: max(1, len(cases) // limit)] if limit else cases


def article(text: str) -> str:
    """The paragraphs of the article in a page of the bench."""
    body = text.partition('<article id="a">')[2].partition("</article>")[0]
    return "\n".join(html.unescape(each) for each in re.findall(r"<p>(.*?)(?:</p>|$)", body, re.DOTALL))


def compare_decoders(bench: Path, limit: int) -> None:
    """Prints, for each way a page declares its encoding, the share decoded exactly; then MB per CPU-second."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    speed: dict[str, float] = {}
    for name, decode in decoders().items():
        size, started = 0, time.process_time()
        for row in rows(bench / "charset-dev.jsonl.gz", limit):
            body = base64.b64decode(row["b64"])
            size += len(body)
            language = row["lang"]
            found = article(decode(body, row["header"], f"http://example.{DOMAINS.get(language, language)}/"))
            cut = row["tr"] and found.startswith(row["truth"]) and len(found) - len(row["truth"]) <= 2
            right[row["decl"]][name].append(found == row["truth"] or cut)
        speed[name] = size / 1e6 / (time.process_time() - started)
    table("pages decoded exactly, %", right, [*speed])
    print(f"{'MB per CPU-second':24}" + "".join(f"{each:20.1f}" for each in speed.values()))


def compare_repairers(bench: Path, limit: int) -> None:
    """Prints, for each kind of damage, the share of lines restored exactly; of undamaged text, the share changed."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    changed: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for name, repair in repairers().items():
        for row in rows(bench / "repair-dev.jsonl.gz", limit):
            if row["kind"] not in UNRESTORABLE:
                right[row["kind"]][name].append(repair(row["damaged"]) == row["clean"])
        for row in rows(bench / "clean-lines-dev.jsonl.gz", limit):
            changed[row["group"].partition("/")[0]][name].append(repair(row["text"]) != row["text"])
    table("lines restored exactly, %", right, [*repairers()])
    table("undamaged lines changed, %", changed, [*repairers()])


def table(title: str, figures: dict[str, dict[str, list[bool]]], names: list[str]) -> None:
    """Prints the shares of figures[row][name], in per cent."""
    print(f"\n{title:24}" + "".join(f"{name:>20}" for name in names))
    for kind, by_name in figures.items():
        shares = [100 * sum(by_name[name]) / len(by_name[name]) for name in names]
        print(f"{kind:24}" + "".join(f"{share:20.1f}" for share in shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=Path(__file__).parents[2].parent / "shared" / "bench")
    parser.add_argument("--limit", type=int, default=0)
    arguments = parser.parse_args()
    compare_decoders(arguments.bench, arguments.limit)
    compare_repairers(arguments.bench, arguments.limit)


if __name__ == "__main__":
    main()
