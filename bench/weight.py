"""What a first visit to a page brings over the wire: the page, its styles and its script, compressed; no fonts, no pictures."""

from __future__ import annotations

import gzip
import re

from bench.portal import Browser

_LOADED = re.compile(r'<link rel="stylesheet" href="([^"]+)"|<script src="([^"]+)"')


def transferred(browser: Browser, path: str) -> int:
    """Bytes, as a server that compresses sends them."""
    page = browser.get(path).body
    names = [style or script for style, script in _LOADED.findall(page.decode())]
    return sum(len(gzip.compress(body)) for body in (page, *(browser.get(name).body for name in names)))
