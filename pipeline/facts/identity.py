"""Which document a page is: the key of its URL, and how alike two texts are."""

import hashlib
import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

TRACKING = re.compile(
    r"utm_\w+|ga_\w+|mc_[ce]id|mkt_tok|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ymclid|igshid|twclid|ttclid|li_fat_id|"
    r"_ga|_gl|_hs\w+|hsCtaTracking|__hs\w+|vero_\w+|oly_\w+_id|wickedid|rb_clickid|s_cid|cmpid|ncid|ocid|spm|sc_\w+|ref|referrer|"
    r"ref_src|ref_url|source|share|shared|fb_\w+|_openstat|from|feature|at_medium|at_campaign|at_custom\d|pk_\w+|mtm_\w+|wt_\w+|"
    r"PHPSESSID|jsessionid|sid|phpsessid|sessionid|amp|print|printable|output|outputType|view",
    re.I,
)


def document_id(canonical: str | None, url: str | None, sha256: str) -> str:
    """ "url:" and 32 hexadecimal digits of the URL's key; without a URL "sha256:" of the input."""
    address = canonical or url
    return "url:" + hashlib.sha256(url_key(address).encode()).hexdigest()[:32] if address else f"sha256:{sha256}"


def url_key(url: str) -> str:
    """What stays of a URL when everything is left out that does not tell documents apart."""
    parts = urlsplit(url.strip())
    query = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.fullmatch(k))
    host = re.sub(r"^(?:www\d?|m|mobile|amp)\.", "", (parts.hostname or "").lower())
    return f"{host}{unquote(parts.path).rstrip('/')}?{urlencode(query)}"
