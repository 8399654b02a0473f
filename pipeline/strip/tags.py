"""HTML elements by what they do to the text around them."""

INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "output",
        "picture",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "meter",
        "progress",
        "button",
    ]
)
"""Elements that leave the line of text unbroken; every other element begins a new block."""

SPACED = frozenset(["button", "label", "output"])
"""Inline controls that are drawn as boxes of their own: a blank keeps their text apart from their neighbours'."""

SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "map",
        "select",
        "datalist",
        "textarea",
        "input",
        "head",
        "noframes",
        "link",
        "meta",
        "title",
        "base",
        "source",
        "track",
        "param",
        "colgroup",
        "col",
        "rp",
    ]
)
"""Elements whose insides are never text of the document (noscript is read apart, for pages that are empty without it)."""

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

REGIONS = {
    "nav": 1 << 0,
    "header": 1 << 1,
    "footer": 1 << 2,
    "aside": 1 << 3,
    "article": 1 << 4,
    "main": 1 << 5,
    "section": 1 << 6,
    "form": 1 << 7,
    "table": 1 << 8,
    "li": 1 << 9,
    "ul": 1 << 10,
    "ol": 1 << 11,
    "dl": 1 << 12,
    "blockquote": 1 << 13,
    "figure": 1 << 14,
    "figcaption": 1 << 15,
    "h1": 1 << 16,
    "h2": 1 << 17,
    "h3": 1 << 18,
    "h4": 1 << 19,
    "h5": 1 << 20,
    "h6": 1 << 21,
    "p": 1 << 22,
    "pre": 1 << 23,
    "td": 1 << 24,
    "th": 1 << 24,
    "caption": 1 << 15,
    "details": 1 << 25,
    "address": 1 << 26,
    "fieldset": 1 << 7,
    "dialog": 1 << 27,
    "menu": 1 << 10,
    "search": 1 << 7,
    "a": 1 << 28,
    "center": 1 << 29,
}
"""The bit each kind of region sets for every block inside it."""

ROLES = {
    "navigation": REGIONS["nav"],
    "banner": REGIONS["header"],
    "contentinfo": REGIONS["footer"],
    "complementary": REGIONS["aside"],
    "main": REGIONS["main"],
    "article": REGIONS["article"],
    "search": REGIONS["form"],
    "form": REGIONS["form"],
    "dialog": REGIONS["dialog"],
    "alertdialog": REGIONS["dialog"],
    "menu": REGIONS["nav"],
    "menubar": REGIONS["nav"],
}
"""ARIA roles that say the same as an element."""

TIMES = frozenset(["faceplate-timeago", "local-time", "relative-time", "time-ago"])
"""Custom elements that draw a moment, which they state in an attribute."""
