"""Runs and decisions to blocks and removals."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from pipeline.document import Block, BlockKind, Removal
from pipeline.strip.tags import HEADINGS, REGIONS
from pipeline.strip.walk import Walked

_LISTS = frozenset(["ul", "ol", "menu"])
_HEADING_BITS = sum(REGIONS[name] for name in HEADINGS)
_EXCERPT = 80
_KINDS: tuple[tuple[int, BlockKind], ...] = (
    (REGIONS["pre"], "code"),
    (REGIONS["figcaption"], "caption"),
    (REGIONS["li"], "list_item"),
    (REGIONS["blockquote"], "quote"),
)
_STATED = ("rule", "hidden", "chrome")
_RUNS_IN_CELL, _CELL_LENGTH = 12, 200


class Paths:
    """CSS-like paths of the elements of a walk, "html>body>div[2]>p", each made once; [n] counts siblings of one name."""

    def __init__(self, page: Walked) -> None:
        self._page = page
        self._made: dict[int, str] = {-1: ""}
        self._places: list[int] = []

    def of(self, element: int) -> str:
        """The path of `element`."""
        page, made, waiting = self._page, self._made, []
        while element not in made:
            waiting.append(element)
            element = page.parents[element]
        path = made[element]
        for below in reversed(waiting):
            place = self._place(below)
            step = page.tags[below] if place == 1 else f"{page.tags[below]}[{place}]"
            path = made[below] = f"{path}>{step}" if path else step
        return path

    def _place(self, element: int) -> int:
        if not self._places:
            seen: dict[tuple[int, str], int] = {}
            for key in zip(self._page.parents, self._page.tags, strict=True):
                place = seen[key] = seen.get(key, 0) + 1
                self._places.append(place)
        return self._places[element]


SCORED = "scorer"
"""The reason of runs that the model alone removed; the removal says more."""


def assemble(
    page: Walked, reasons: Sequence[str], chances: Sequence[float], paths: Paths
) -> tuple[tuple[Block, ...], tuple[Removal, ...]]:
    """Blocks of the runs whose reason is empty; removals of the others, neighbours of one container and reason as one."""
    blocks: list[Block] = []
    rules = iter([*page.rules, len(reasons) + 1])
    rule = next(rules)
    tables = data_tables(page)
    reasons = _whole_tables(page, reasons, tables)
    run = 0
    while run < len(reasons):
        ruled = False
        while rule <= run:
            ruled, rule = True, next(rules)
        if reasons[run]:
            run += 1
            continue
        if ruled and blocks and blocks[-1].kind != "separator":
            blocks.append(Block(kind="separator", text="", path=paths.of(page.owners[run])))
        table = tables.get(run)
        if table is not None and not any(reasons[run : page.ends[table]]):
            blocks.append(_table(page, table, paths))
            run = page.ends[table]
            continue
        blocks.append(_block(page, run, paths))
        run += 1
    return tuple(blocks), _removals(page, reasons, chances, paths)


def _whole_tables(page: Walked, reasons: Sequence[str], tables: Mapping[int, int]) -> Sequence[str]:
    """`reasons` with every table of data kept whole of which most is kept, unless a rule or the page itself hides some of it."""
    found = list(reasons)
    for start, table in tables.items():
        inside = found[start : page.ends[table]]
        stated = any(reason.startswith(_STATED) for reason in inside if reason)
        if not stated and 2 * inside.count("") > len(inside):
            found[start : page.ends[table]] = [""] * len(inside)
    return found


def _block(page: Walked, run: int, paths: Paths) -> Block:
    owner, text = page.owners[run], page.texts[run]
    path = paths.of(owner)
    kind, level = _kind(page.regions[owner] if owner >= 0 else 0)
    if kind == "list_item":
        if (item := _item(page, run)) is not None:
            ordered, depth = item
            return Block(kind="list_item", text=text, path=path, ordered=ordered, depth=depth)
        kind = "quote" if page.regions[owner] & REGIONS["blockquote"] else "paragraph"
    if kind == "paragraph" and page.strong[run] >= len(text):
        path = f"{path}>b"  # segmentation reads a short line in bold as a heading
    return Block(kind=kind, text=text, path=path, level=level)


@lru_cache(maxsize=4096)  # the runs of a page stand in few combinations of regions
def _kind(region: int) -> tuple[BlockKind, int | None]:
    """What the regions a run stands in make of it, and the level of a heading."""
    if region & _HEADING_BITS:
        return "heading", next(level for name, level in HEADINGS.items() if region & REGIONS[name])
    return next((kind for bit, kind in _KINDS if region & bit), "paragraph"), None


def _item(page: Walked, run: int) -> tuple[bool, int] | None:
    """(ordered, depth) where `run` begins a list item; None where it only stands in one."""
    tags, parents = page.tags, page.parents
    item = page.owners[run]
    while item >= 0 and tags[item] != "li":
        item = parents[item]
    if item < 0 or page.starts[item] != run:
        return None
    lists = [tags[element] for element in page.chain(page.owners[run]) if tags[element] in _LISTS]
    return (lists[0] == "ol", len(lists)) if lists else None


def data_tables(page: Walked) -> dict[int, int]:
    """First run in a cell → element, of the tables that hold data rather than lay out the page."""
    found: dict[int, int] = {}
    for element, name in enumerate(page.tags):
        if name == "table" and page.ends[element] - page.starts[element] >= 4 and (cells := _data_cells(page, element)):
            found[page.starts[cells[0]]] = element
    return found


def _data_cells(page: Walked, table: int) -> list[int]:
    """The cells of a table of two rows and two columns at least with no table inside and little text in each cell, else []."""
    cells: list[int] = []
    most = _RUNS_IN_CELL
    for element in range(table + 1, len(page.tags)):
        if page.parents[element] < table:
            break
        if page.tags[element] == "table":
            return []
        if page.tags[element] in HEADINGS:  # a heading inside heads a cell, or the table lays out a page
            most = 2
        if page.tags[element] in ("td", "th"):
            cells.append(element)
    runs = [page.ends[cell] - page.starts[cell] for cell in cells]
    rows = {page.parents[cell] for cell in cells}
    filled = sum(count > 0 for count in runs)
    if len(rows) < 2 or len(cells) < 2 * len(rows) or filled < 4 or max(runs) > most:
        return []
    first = page.starts[cells[0]]
    length = sum(map(len, page.texts[first : page.ends[table]]))
    return cells if sum(runs) == page.ends[table] - first and length <= _CELL_LENGTH * filled else []


def _table(page: Walked, table: int, paths: Paths) -> Block:
    rows: list[str] = []
    headers: list[bool] = []
    for row, group in groupby(_data_cells(page, table), key=lambda cell: page.parents[cell]):
        cells = list(group)
        texts = (" ".join(page.texts[page.starts[cell] : page.ends[cell]]) for cell in cells)
        rows.append("\t".join(text.replace("\n", " ").replace("\t", " ") for text in texts))
        in_head = page.tags[page.parents[row]] == "thead"
        headers.append(in_head or all(page.tags[cell] == "th" for cell in cells))
    header_rows = headers.index(False) if False in headers else len(headers)
    return Block(kind="table", text="\n".join(rows), path=paths.of(table), header_rows=header_rows)


def _removals(page: Walked, reasons: Sequence[str], chances: Sequence[float], paths: Paths) -> tuple[Removal, ...]:
    """One removal for neighbouring runs that share a reason, at the path of the nearest element that holds them all."""
    removals = []
    regions, owners, parents, ends = page.regions, page.owners, page.parents, page.ends
    told = [
        _site_part(regions[owner]) if reason == SCORED else reason
        for reason, owner in zip(reasons, owners, strict=True)
    ]
    last = 0
    for reason, group in groupby(told):
        first, last = last, last + len(list(group))
        if not reason:
            continue
        holder = owners[first]
        while holder >= 0 and ends[holder] < last:
            holder = parents[holder]
        if reason == SCORED:
            reason = f"scorer:{sum(chances[first:last]) / (last - first):.2f}"
        texts = page.texts[first:last]
        length = sum(map(len, texts)) + 2 * (len(texts) - 1)
        excerpt = " ".join([text[:_EXCERPT] for text in texts[:_EXCERPT]])[:_EXCERPT]
        removals.append(Removal(path=paths.of(holder), reason=reason, length=length, text=excerpt))
    return tuple(removals)


_PARTS = (
    ("navigation", REGIONS["nav"]),
    ("footer", REGIONS["footer"]),
    ("aside", REGIONS["aside"]),
    ("form", REGIONS["form"]),
    ("dialog", REGIONS["dialog"]),
    ("header", REGIONS["header"]),
)


@lru_cache(maxsize=4096)  # the runs of a page stand in few combinations of regions
def _site_part(region: int) -> str:
    """The part of a site a run stands in by the page's own account, "scorer" where it gives none."""
    return next((name for name, bit in _PARTS if region & bit), SCORED)
