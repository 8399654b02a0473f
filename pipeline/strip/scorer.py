"""Which runs belong to the document: the source's rules first, then what repeats on the site's pages, then the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.strip.assemble import SCORED
from pipeline.strip.chrome import evidence
from pipeline.strip.features import Context, Layout, features, marks_with
from pipeline.strip.model import Model
from pipeline.strip.rules import keeps, line_tests
from pipeline.strip.tags import REGIONS
from pipeline.strip.text_mode import site_lines
from pipeline.strip.walk import DROP, HIDDEN, KEEP, PRE, Walked
from schemas import SourceV1

Chances = npt.NDArray[np.float64]

_REPEATED = 11
"""Blanks in a run from which its repetition is no content: 12 words (out of fold: none .8715, 20 .8755, 12 .8761, 5 .8764)."""

_COMMENTS_LEFT, _OWN_WORDS = 0.3, 50
"""Out of fold: .8761 without, .8765 with 0.5, 0.3 or 0; articles' shingle F1 .9490 and .9494."""

_COMMENTS = ("comment", "comments", "commentlist", "commentthread")
_ARTICLES = frozenset(["article", "newsarticle", "blogposting", "reportagenewsarticle", "techarticle"])
_SURE, _SURE_SHARE, _SURE_WORDS, _DOUBTFUL = 0.75, 0.75, 100, 0.6
"""Out of fold with it: .8823 from .8816 (± .0003), articles' shingle precision .939 from .935; a cut at 0.7 or on every page loses."""

_PRODUCTS = frozenset(["product", "productgroup", "og:product"])
_CLEAR, _SHARE_IN_DOUBT = 0.75, 0.4
"""On a page of doubt runs are the document's together or not at all, which pays to keep more than chances that know nothing of
one another would. Out of fold .8877 from .8862 (± .0006; two other networks: + .0003, + .0010); not so for products, of whose
page a description is wanted."""

_LIKELY, _HOPED = 0.4, 50
"""No run likelier, and fewer words to be expected of all of them: the page shows no document. Of the development bench's pages
8 are such: 5, of 3 sites, have none, the other 3 scored .19, .11 and .04."""

_NAVIGATION = 0.05
"""What is left of the chances of links in <nav>: of their 257,000 words in the development bench 1,784 are content, of which
nothing else finds more than 139 (out of fold .8830 from .8823)."""

_FOOTER, _BESIDE = 0.3, 0.5
"""Of the 184,000 words of its footers 1,116 are content, where the model expects 3,706; no page has its document in one. Out of
fold .8887 from .8877 (± .0004); with <aside> and <form> .8895 (gain in each fold)."""

_WHOLE = frozenset(["html", "body", "main", "article"])

_REVEALED = 0.2
"""Hidden text that makes up this share of a page's plain text waits for a script to show it (streamed pages, accordions);
less of it is a menu or a dialog. 9 in 10 pages of the development bench with hidden content lie above, 9 in 10 without below."""

_FRAGMENT_RUNS, _FRAGMENT = 12, 0.4
"""A page of no more than so many runs is kept whole, with this confidence, where the model, which learned full pages, is less sure."""


@dataclass(frozen=True, slots=True)
class Decision:
    """For each run why it is removed ("" where it is kept) and the chance given to it, how sure the whole is (0–1), and what
    speaks against it."""

    reasons: tuple[str, ...]
    chances: tuple[float, ...]
    confidence: float
    notes: tuple[str, ...] = ()


def decide(page: Walked, context: Context, source: SourceV1 | None, model: Model) -> Decision:
    """The decision for every run of `page`."""
    if not page.texts:
        return Decision((), (), 0.0, ("no text",))
    layout = Layout(page)
    chances = chances_of(page, context, model, layout)
    ruled, repeated = _ruled(page, source, layout), [""] * len(page.texts)
    if source is not None and source.chrome is not None:
        found = evidence(page, source.chrome, chances)
        chances, repeated = found.chances, list(found.reasons)
    words = layout.spaces + 1
    chances = chances * comment_factors(layout, context, chances, words, source.strip.profile if source else None)
    chances = chances * region_factors(layout, chances, words)
    for run in np.flatnonzero(~not_repeated(layout, chances)).tolist():
        ruled[run] = ruled[run] or "repeated"
    forced, open_ = _equal(ruled, _KEPT), _equal(ruled, "")
    kept = forced | (chosen(context, np.where(open_, chances, 0.0), words) & open_)
    if not forced.any():
        for run, why in _of_the_site(page, kept):
            kept[run], open_[run], ruled[run] = False, False, why
    reasons = tuple(
        "" if keep else reason if reason not in ("", _KEPT) else why or SCORED
        for keep, reason, why in zip(kept.tolist(), ruled, repeated, strict=True)
    )
    considered = np.where(open_ | forced, chances, 0.0)
    confidence, notes = _confidence(considered, words, kept, forced)
    if confidence < _FRAGMENT and not forced.any() and _is_fragment(page):
        return _whole_fragment(page, [rule or why for rule, why in zip(ruled, repeated, strict=True)], chances)
    if keeps(source) and not forced.any():
        return Decision(reasons, tuple(chances.tolist()), min(confidence, 0.3), (*notes, "strip.keep matches nothing"))
    return Decision(reasons, tuple(chances.tolist()), confidence, notes)


_KEPT = "kept"


def _equal(reasons: Sequence[str], reason: str) -> npt.NDArray[np.bool_]:
    return np.fromiter(map(reason.__eq__, reasons), np.bool_, len(reasons))


def chances_of(page: Walked, context: Context, model: Model, layout: Layout) -> Chances:
    """The probability that each run belongs to the document, by the model alone."""
    return model.probability(features(page, context, model.tables, layout), layout).astype(np.float64)


def chosen(context: Context, chances: Chances, words: Chances) -> npt.NDArray[np.bool_]:
    """The runs to keep by their chances alone: none where the page shows no document, and where it does none in doubt."""
    if not shows_document(chances, words):
        return np.zeros(len(chances), dtype=bool)
    doubtful = 0.5 if _says(context, _PRODUCTS) else _SHARE_IN_DOUBT
    return likeliest(chances, words, doubtful) & beyond_doubt(context, chances, words)


def likeliest(chances: Chances, words: Chances, doubtful: float = 0.5) -> npt.NDArray[np.bool_]:
    """The runs whose choice has the highest expected F1 over words.

    Choosing the k likeliest has expected F1 of about 2·Σ(chosen p·w) / (Σ(chosen w) + Σ(all p·w)); the best k is those likelier
    than half of the highest. Where that is below _CLEAR, those likelier than `doubtful` of it.
    """
    order = np.argsort(-chances, kind="stable")
    gained = np.cumsum((chances * words)[order])
    best = float((2 * gained / (np.cumsum(words[order]) + gained[-1] + 1e-9)).max())
    return np.asarray(chances > max(0.05, best * (0.5 if best >= _CLEAR else doubtful)))


def region_factors(layout: Layout, chances: Chances, words: Chances) -> Chances:
    """What is left of the chances of runs by the region they lie in: little for links in a <nav> and text in a <footer>, which are
    the site's whatever surrounds them; less for an <aside> or <form> that does not hold more of the document than the rest."""
    links = (layout.regions & REGIONS["nav"] > 0) & (10 * layout.linked >= 8 * layout.size)
    factors = np.where(links, _NAVIGATION, 1.0)
    factors[layout.regions & REGIONS["footer"] > 0] *= _FOOTER
    for name in ("aside", "form"):
        inside = layout.regions & REGIONS[name] > 0
        expected = chances * words * factors
        if 2 * expected[inside].sum() <= expected.sum():
            factors[inside] *= _BESIDE
    return factors


def beyond_doubt(context: Context, chances: Chances, words: Chances) -> npt.NDArray[np.bool_]:
    """The runs that may be kept: all; on a page that calls itself an article, and most of whose document is sure, not those in
    doubt: there they are teasers, captions and boxes."""
    sure = float(words[chances >= _SURE].sum())
    if not _says(context, _ARTICLES) or sure < _SURE_WORDS or sure < _SURE_SHARE * float((chances * words).sum()):
        return np.ones(len(chances), dtype=bool)
    return chances >= _DOUBTFUL


def shows_document(chances: Chances, words: Chances) -> bool:
    """Whether a run is likely to belong to a document, or many words might."""
    return bool(chances.max() >= _LIKELY or (chances * words).sum() >= _HOPED)


def _says(context: Context, kinds: frozenset[str]) -> bool:
    """Whether the page calls itself one of `kinds`."""
    return any(kind.lower() in kinds for kind in context.types)


def comment_factors(layout: Layout, context: Context, chances: Chances, words: Chances, profile: str | None) -> Chances:
    """What is left of the chances of runs in comments: all on a page that is its comments (a forum, or `profile` "other"), little
    under an article ("article": nothing). A page is its comments where they say more than the rest, and twice as much where it
    calls itself an article."""
    inside = _in_comments(layout)
    expected = chances * words
    own = float(expected[~inside].sum())
    left = {"other": 1.0, "article": 0.0}.get(profile or "", _COMMENTS_LEFT)
    outweighed = 2.0 if _says(context, _ARTICLES) else 1.0
    if profile is None and (own < _OWN_WORDS or own * outweighed < float(expected[inside].sum())):
        left = 1.0
    return np.where(inside, left, 1.0)


def _in_comments(layout: Layout) -> npt.NDArray[np.bool_]:
    """For each run whether an element above it is called comments by its class or id."""
    maybe = [number for number, mark in enumerate(layout.mark_of) if "omment" in mark]
    if not maybe:
        return np.zeros(layout.count, dtype=bool)
    called = np.zeros(len(layout.mark_of) + 1, dtype=bool)
    called[np.array(maybe)[marks_with([layout.mark_of[number] for number in maybe], _COMMENTS)]] = True
    whole = np.array([*(name in _WHOLE for name in layout.name_of), True])
    inside = called[layout.marks] & ~whole[layout.names]
    for upper in layout.doublings:
        inside = inside | inside[upper]
    return np.asarray(inside[layout.levels[0]])


def not_repeated(layout: Layout, chances: Chances) -> npt.NDArray[np.bool_]:
    """False for the runs that say at length what a likelier run says too: pages carry copies for print, for phones, for
    crawlers. Code may repeat itself."""
    best: dict[int, int] = {}
    alone = np.ones(layout.count, dtype=bool)
    repeated = (layout.same > 1) & (layout.spaces >= _REPEATED) & (layout.regions & PRE == 0)
    for run in repeated.nonzero()[0].tolist():
        said = int(layout.said[run])
        other = best.setdefault(said, run)
        if other != run:
            worse = other if chances[run] > chances[other] else run
            alone[worse] = False
            best[said] = run if worse == other else other
    return alone


def _of_the_site(page: Walked, kept: npt.NDArray[np.bool_]) -> list[tuple[int, str]]:
    """The kept runs that are the site's by their words, with the reason."""
    runs = np.flatnonzero(kept).tolist()
    return [(run, why) for run, why in zip(runs, site_lines([page.texts[run] for run in runs]), strict=True) if why]


def _is_fragment(page: Walked) -> bool:
    """Whether there are a few runs only, more of their words outside links than inside: a piece of a page, pasted or saved."""
    return len(page.texts) <= _FRAGMENT_RUNS and 2 * sum(page.linked) < sum(map(len, page.texts))


def _whole_fragment(page: Walked, ruled: Sequence[str], chances: Chances) -> Decision:
    """All of a fragment that no rule removes and that is no link."""
    runs = zip(page.texts, page.linked, ruled, strict=True)
    reasons = tuple(rule or (SCORED if 2 * linked > len(text) else "") for text, linked, rule in runs)
    return Decision(reasons, tuple(chances.tolist()), _FRAGMENT, ("a fragment: too little to tell page from site",))


def _ruled(page: Walked, source: SourceV1 | None, layout: Layout) -> list[str]:
    """For each run the reason a rule removes it, "kept" where a rule keeps it, "" where no rule speaks."""
    if source is None and not (layout.regions & HIDDEN).any():
        return [""] * len(page.texts)
    dropped, stops = line_tests(source)
    # Selectors that match nothing say that the layout changed, not that the document is empty.
    selects = keeps(source) and any(region & KEEP for region in page.regions)
    revealed = _hidden_share(page) >= _REVEALED
    reasons, stopped = [], False
    for text, owner in zip(page.texts, page.owners, strict=True):
        region = page.regions[owner]
        stopped = stopped or (source is not None and stops(text))
        if region & HIDDEN and not revealed:
            reason = "hidden"
        elif source is None:
            reason = ""
        elif region & DROP:
            reason = "rule:drop"
        elif stopped:
            reason = "rule:stop_lines"
        elif why := dropped(text):
            reason = why
        elif selects:
            reason = _KEPT if region & KEEP else "rule:keep"
        else:
            reason = ""
        reasons.append(reason)
    return reasons


def _hidden_share(page: Walked) -> float:
    hidden = total = 1e-9
    for text, owner, linked in zip(page.texts, page.owners, page.linked, strict=True):
        plain = len(text) - linked
        total += plain
        if page.regions[owner] & HIDDEN:
            hidden += plain
    return hidden / total


def _confidence(
    chances: Chances, words: Chances, kept: npt.NDArray[np.bool_], forced: npt.NDArray[np.bool_]
) -> tuple[float, tuple[str, ...]]:
    """Expected F1 of what is kept, and what looks wrong with it."""
    if forced.any():
        return 0.95, ()
    right = float((chances * words)[kept].sum())
    expected = 2 * right / max(1e-9, float(words[kept].sum()) + float((chances * words).sum()))
    notes = []
    share = float(words[kept].sum() / words.sum())
    if share > 0.97 and len(words) > 30:
        notes.append("the whole page was kept")
    if words[kept].sum() < 25:
        notes.append("nearly nothing was kept")
    return min(1.0, expected), tuple(notes)
