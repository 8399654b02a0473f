"""The walk: rendered text, and the elements it stands in."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.strip.walk import DROP, HIDDEN, Walked, walk


def walked(html: str, **options: bool) -> Walked:
    return walk(LexborHTMLParser(html), {}, **options)


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p>Hello<br>world", ["Hello\nworld"]),
        ("<p>fo<b>o</b> bar", ["foo bar"]),
        ("<p><span>D</span>rop cap", ["Drop cap"]),
        ("<p>one<br><br>two", ["one\n\ntwo"]),
        ("<p>one <br> <br/> two", ["one\n\ntwo"]),
        ("<p>  many \n\t blanks  here ", ["many blanks here"]),
        ("<p>no\u00a0break  stays", ["no\u00a0break stays"]),
        ("<div>before<p>inside</p>after</div>", ["before", "inside", "after"]),
        ("<ul><li>one<li>two</ul>", ["one", "two"]),
        ("<p>soft\u00adhyphen, zero\u200bwidth", ["soft\u00adhyphen, zero\u200bwidth"]),
        ("<pre>\n a\n   b\n</pre>", [" a\n   b"]),
        ("<pre><code>x = 1\n<span>y</span> = 2</code></pre>", ["x = 1\ny = 2"]),
        ("<table><tr><td>1<td>2</table>", ["1", "2"]),
        ("<p>a<!-- no -->b<script>no</script>c<style>no</style>", ["abc"]),
        ("<template><p>no</p></template><p>yes", ["yes"]),
        ("<p>left<wbr>right", ["leftright"]),
        ("<p>x<sup>2</sup>", ["x2"]),
        ("<p>Pick <button>Yes</button><button>No</button>", ["Pick Yes No"]),
        ("<p> \u00a0 <p>text", ["text"]),
        ("<a href=x><div>block in a link</div></a>", ["block in a link"]),
        ("", []),
    ],
)
def test_text(html: str, texts: list[str]) -> None:
    assert walked(html).texts == texts


def test_every_run_has_an_owner_whose_range_holds_it() -> None:
    page = walked("<main><h1>T</h1><p>a<p>b<ul><li>c<ul><li>d</ul></ul></main>tail")
    for run, owner in enumerate(page.owners):
        assert all(page.starts[element] <= run < page.ends[element] for element in page.chain(owner))


def test_link_and_bold_lengths() -> None:
    page = walked("<p>see <a href=x>this one</a> and <b>that</b>")
    assert (page.linked, page.anchors, page.strong) == ([8], [1], [4])


@pytest.mark.parametrize(
    "html",
    ["<div hidden>x</div>", '<div style="display: none">x</div>', '<div style="VISIBILITY:hidden"><p>x</p></div>'],
)
def test_hidden_blocks_are_marked(html: str) -> None:
    page = walked(html)
    assert page.regions[page.owners[0]] & HIDDEN


@pytest.mark.parametrize("hidden", ["hidden", 'style="display:none"', "class=sr-only"])
def test_hidden_inline_text_is_left_out_and_splits_no_word(hidden: str) -> None:
    assert walked(f"<p>to<span {hidden}>no</span>gether").texts == ["together"]


def test_noscript_is_counted_and_read_on_demand() -> None:
    html = "<div>short</div><noscript><p>a post for browsers without scripts</p></noscript>"
    assert walked(html).texts == ["short"]
    assert walked(html).noscript > 20
    assert walked(html, noscript=True).texts == ["short", "a post for browsers without scripts"]


def test_rules_mark_what_they_name() -> None:
    page = LexborHTMLParser("<div class=ad><p>buy</p></div><p>read <span class=ad>buy</span>on")
    found = walk(page, {}, marked={node.mem_id: DROP for node in page.css(".ad")})
    assert found.texts == ["buy", "read on"]
    assert [bool(found.regions[owner] & DROP) for owner in found.owners] == [True, False]


def test_facts_are_found_where_classes_name_them() -> None:
    page = LexborHTMLParser(
        '<h1>T</h1><span class="x byline">A</span><time datetime=2024>D</time><i itemprop=author>B</i>'
    )
    found = walk(page, {"byline": ("byline", "byline"), "author": ("byline", "author")})
    assert [(c.name, c.place) for c in found.candidates] == [
        ("title", "h1"),
        ("byline", "class:byline"),
        ("published", "time"),
        ("byline", "itemprop:author"),
    ]


def test_no_recursion_in_deep_trees() -> None:
    page = walked("<div>" * 900 + "deep<p>and on")
    assert page.texts == ["deep", "and on"]
    assert page.depth == 903  # with <html>, <body> and <p>


def test_names_of_no_standard_break_the_line_and_those_of_times_are_noted() -> None:
    page = walked("<x-card>one</x-card>two<time-ago>three</time-ago><o:p>four</o:p>")
    assert page.texts == ["one", "two", "three", "four"]
    assert [(c.name, page.tags[c.element]) for c in page.candidates] == [("published", "time-ago")]


def test_a_class_says_of_a_block_and_its_id_what_it_says() -> None:
    page = walked("<span class='sr-only x'>no</span><div class=sr-only id=x>yes</div><span class='sr-only x'>no</span>")
    assert page.texts == ["yes"]
