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


LAYOUTS = {"semantic": semantic, "div soup": div_soup, "table": table_layout, "forum": forum}
FLOORS = {
    ("semantic", "english"): 0.98,
    ("semantic", "russian"): 0.95,  # the date and the title stay in the blocks; `record` takes out the title
    ("semantic", "german"): 0.98,
    ("div soup", "english"): 0.98,
    ("div soup", "russian"): 0.98,
    ("div soup", "german"): 0.98,
    ("table", "english"): 0.9,
    ("table", "russian"): 0.9,
    ("table", "german"): 0.9,
    ("forum", "english"): 0.85,
}
TEXTS = {"english": ENGLISH, "russian": RUSSIAN, "german": GERMAN}


def f1(html: str, truth: str) -> float:
    result = strip(Decoded(text=html, encoding=None, evidence=""), url="https://courier.example/2021/03/a-lamp-is-lit")
    assert not isinstance(result, Rejected), result
    said = Counter(re.findall(r"\w+", " ".join(block.text for block in result.blocks).lower()))
    wanted = Counter(re.findall(r"\w+", truth.lower()))
    return 2 * (said & wanted).total() / (said.total() + wanted.total())


@pytest.mark.parametrize(("layout", "language"), FLOORS)
def test_floor(layout: str, language: str) -> None:
    texts = TEXTS[language]
    assert f1(LAYOUTS[layout](texts), " ".join(texts)) >= FLOORS[layout, language]
