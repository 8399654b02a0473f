"""Floors of the extraction's word F1 on layouts of our own writing, so that a drop is noticed without a bench. Floors only rise."""

import re
from collections import Counter

import pytest

from pipeline.document import Decoded, Rejected
from pipeline.strip import strip

ENGLISH = (
    "The council of the harbour towns met on Tuesday to settle the dispute over the lamp on the northern rock, which has been dark "
    "since the storm in November. After four hours the members agreed to share the cost.",
    "“Nobody wants to row home by the stars,” said the keeper of the log. The lamp will be lit again before the herring come, and "
    "the glass will be bought in the capital, where it is cheaper than on the coast.",
    "The smaller towns had asked for a lower share. They were given three more years to pay, and a seat on the board that will "
    "oversee the works. The first meeting of the board is planned for the middle of March.",
    "Until then the fishermen will hang a lantern on the mast of the wreck, as they have done all winter. The harbour master asked "
    "all boats of more than ten tons to stay in the deep channel and to sound the horn at the bend.",
)
RUSSIAN = (
    "Совет приморских городов во вторник рассмотрел спор о фонаре на северной скале, который не горит с ноябрьского шторма. После "
    "четырёх часов обсуждения участники договорились разделить расходы.",
    "Фонарь зажгут снова до начала путины, а стекло закажут в столице, где оно дешевле, чем на побережье, сообщил председатель "
    "комиссии. Работы будут вести две бригады, сменяя друг друга каждую неделю.",
    "Малые города просили уменьшить их долю. Им дали ещё три года на выплату и место в совете, который будет следить за работами. "
    "Первое заседание этого совета намечено на середину марта.",
)
GERMAN = (
    "Der Rat der Hafenstädte hat am Dienstag den Streit um die Lampe auf dem nördlichen Felsen beigelegt, die seit dem Sturm im "
    "November dunkel ist. Nach vier Stunden einigten sich die Mitglieder darauf, die Kosten zu teilen.",
    "Die Lampe soll wieder brennen, bevor die Heringe kommen, und das Glas wird in der Hauptstadt gekauft, wo es billiger ist als "
    "an der Küste. Zwei Mannschaften wechseln sich bei der Arbeit wöchentlich ab.",
    "Die kleineren Städte hatten um einen geringeren Anteil gebeten. Sie bekamen drei weitere Jahre Zeit und einen Sitz in dem "
    "Ausschuss, der die Arbeiten überwacht. Die erste Sitzung ist für Mitte März geplant.",
)
NAV = "".join(
    f"<li><a href=/{n}>{name}</a></li>"
    for n, name in enumerate(["Home", "News", "Politics", "Harbour", "Weather", "Contact"])
)
TEASERS = "".join(
    f'<li><a href=/t{n}><h4>{title}</h4></a><p>{text}</p></li>'
    for n, (title, text) in enumerate([
        ("Ferry timetable for the summer", "The new timetable holds from the first of May on all three lines."),
        ("Lighthouse opens its doors", "Visitors may climb the stairs on Saturdays between ten and four."),
        ("Three new buoys laid", "The northern channel is marked again for boats of every draught."),
    ])
)  # fmt: skip
COMMENTS = "".join(
    f'<li class=comment><b>{name}</b> <span>2 days ago</span><p>{text}</p><a href=#r>Reply</a></li>'
    for name, text in [
        ("oarsman", "I have rowed past that rock for thirty years and never once needed a lamp to find my way home."),
        ("gull", "Why not ask the capital to pay for it, since all the fish ends up on their tables anyway?"),
    ]
)  # fmt: skip
FOOTER = "<p>© 2021 The Coast Courier. All rights reserved.</p><ul><li><a href=/i>Imprint</a><li><a href=/p>Privacy policy</a></ul>"


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def semantic(texts: tuple[str, ...]) -> str:
    return f"""<!doctype html><html><head><title>A lamp is lit</title></head><body><header><nav><ul>{NAV}</ul></nav></header>
<main><article><h1>A lamp is lit</h1><p class=byline>By A. Moray</p><time datetime=2021-03-02>2 March 2021</time>
{paragraphs(texts)}</article><section id=comments><h3>2 comments</h3><ul>{COMMENTS}</ul></section></main>
<aside><h3>Related articles</h3><ul>{TEASERS}</ul></aside><footer>{FOOTER}</footer></body></html>"""


def div_soup(texts: tuple[str, ...]) -> str:
    return f"""<html><head><title>A lamp is lit</title></head><body><div id=top-menu><ul>{NAV}</ul></div><div id=wrap><div id=content>
<div class=post><h1 class=post-title>A lamp is lit</h1><div class=post-meta>2 March 2021 | A. Moray</div><div class=post-body>
{paragraphs(texts)}</div><div class=share>Share on Facebook Tweet</div></div><div class=comments-area><ul>{COMMENTS}</ul></div></div>
<div id=sidebar><div class=widget><h3>Latest news</h3><ul>{TEASERS}</ul></div></div></div><div id=footer>{FOOTER}</div></body></html>"""


def table_layout(texts: tuple[str, ...]) -> str:
    links = "".join(
        f"<tr><td><a href=/{n}>{name}</a></td></tr>" for n, name in enumerate(["Main page", "Archive", "Guest book"])
    )
    body = "<br><br>".join(texts)
    return f"""<html><body bgcolor=white><table width=100%><tr><td colspan=2><font size=5>The Coast Courier</font></td></tr><tr>
<td width=150><table>{links}</table></td><td><h2>A lamp is lit</h2><font size=2>{body}</font></td></tr>
<tr><td colspan=2>{FOOTER}</td></tr></table></body></html>"""


def forum(texts: tuple[str, ...]) -> str:
    posts = "".join(
        f'<div class="post" id=p{n}><div class=post-author>member{n}<br>Posts: {n}12</div><div class=post-content>{text}</div>'
        f"<a href=#q>Quote</a> <a href=#r>Reply</a></div>"
        for n, text in enumerate(texts)
    )
    return f"""<html><head><title>The dark lamp - Harbour forum</title></head><body class=forum><div class=breadcrumb>{NAV}</div>
<div class=topic><h1>The dark lamp</h1>{posts}</div><div class=pagination><a href=/1>1</a> <a href=/2>2</a></div>
<div class=footer>{FOOTER}</div></body></html>"""


def news(texts: tuple[str, ...]) -> str:
    """A story with a credited picture, a teaser and a form between its paragraphs, its author and more stories below."""
    cards = "".join(
        f'<article class=card><a href=/c{n}><h3 class=card__title>{title}</h3></a><p class=card__excerpt>{text}</p></article>'
        for n, (title, text) in enumerate([
            ("Who pays for the pier?", "The planks are rotten and the town has saved nothing for new ones since the flood."),
            ("Herring prices fall", "Buyers offered a third less at the morning auction than a week before, and few sold."),
            ("A museum in the boathouse", "Volunteers have collected nets, oars and three hundred photographs for the opening."),
        ])
    )  # fmt: skip
    return f"""<!doctype html><html><head><title>A lamp is lit - The Coast Courier</title><meta property=og:type content=article></head>
<body><header class=site-header><ul>{NAV}</ul></header><main><article class=story><h1>A lamp is lit</h1><figure><img src=/l.jpg>
<figcaption>The northern rock in January. Photo: I. Stroem / Coast Pictures</figcaption></figure><div class=story__body>
<p>{texts[0]}</p><div class=read-more><strong>Read more:</strong> <a href=/ferry>Ferry timetable for the summer</a></div>
{paragraphs(texts[1:-1])}<div class=newsletter-signup><h4>The week on the coast</h4><p>Sign up for our letter and get the best
stories in your inbox every Friday.</p><form><input type=email><button>Subscribe</button></form></div><p>{texts[-1]}</p></div>
<div class=author-bio><img src=/a.jpg><p>A. Moray has written about the harbour towns for eleven years. He lives on the quay.</p>
</div></article><section class=more-stories><h2>More stories</h2>{cards}</section></main><footer>{FOOTER}</footer></body></html>"""


def product(texts: tuple[str, ...]) -> str:
    """A product with its description in a tab, and others to buy below."""
    cards = "".join(
        f"<li class=product-card><a href=/p{n}><h3>{name}</h3></a><span class=price>£{n}9.00</span><button>Add to cart</button></li>"
        for n, name in enumerate(["Brass bell", "Deck lantern", "Tide clock", "Signal flags, set of ten"], 1)
    )
    return f"""<html><head><title>Storm lamp</title><meta property=og:type content=product></head><body><nav><ul>{NAV}</ul></nav>
<div class=product-main><h1 class=product-title>Storm lamp</h1><span class=price>£89.00</span><button>Add to cart</button>
<div class=tabs><div class="tab-panel product-description">{paragraphs(texts)}</div></div></div>
<section class=related-products><h2>You may also like</h2><ul>{cards}</ul></section><footer>{FOOTER}</footer></body></html>"""


LAYOUTS = {
    "semantic": semantic,
    "div soup": div_soup,
    "table": table_layout,
    "forum": forum,
    "news": news,
    "product": product,
}
FLOORS = {
    ("semantic", "english"): 0.99,
    ("semantic", "russian"): 0.98,  # the date stays
    ("semantic", "german"): 0.98,
    ("div soup", "english"): 0.99,
    ("div soup", "russian"): 0.99,
    ("div soup", "german"): 0.99,
    ("table", "english"): 0.99,
    ("table", "russian"): 0.99,
    ("table", "german"): 0.99,
    ("forum", "english"): 0.99,
    ("forum", "russian"): 0.99,
    ("news", "english"): 0.94,
    ("news", "russian"): 0.64,  # more than half of its words are the site's, and in another language than the document
    ("news", "german"): 0.69,
    ("product", "english"): 0.99,
    ("product", "russian"): 0.99,
}
TITLE = "A lamp is lit"
TEXTS = {"english": ENGLISH, "russian": RUSSIAN, "german": GERMAN}


def f1(html: str, truth: str) -> float:
    result = strip(Decoded(text=html, encoding=None, evidence=""), url="https://courier.example/2021/03/a-lamp-is-lit")
    assert not isinstance(result, Rejected), result
    # `record` takes the title out of the text.
    blocks = [block.text for block in result.blocks if block.text != TITLE]
    said = Counter(re.findall(r"\w+", " ".join(blocks).lower()))
    wanted = Counter(re.findall(r"\w+", truth.lower()))
    return 2 * (said & wanted).total() / (said.total() + wanted.total())


@pytest.mark.parametrize(("layout", "language"), FLOORS)
def test_floor(layout: str, language: str) -> None:
    texts = TEXTS[language]
    assert f1(LAYOUTS[layout](texts), " ".join(texts)) >= FLOORS[layout, language]
