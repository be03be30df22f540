"""Where a request may send its browser: to a page of ours, by its path; refuses every other host and scheme."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException

_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)


def safe_path(path: str | None) -> str | None:
    """The path when it leads to a page of this portal, else None: no scheme, no host, no `//`, no control characters."""
    if not path or len(path) > 2000 or not _PATH.fullmatch(path):
        return None
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or "//" in parts.path:
        return None
    try:
        current_app.url_map.bind("").match(parts.path, method="GET")
    except HTTPException as found:
        # A redirect (missing slash) is still ours; a method mismatch or no match is not a page.
        if found.code not in (301, 308):
            return None
    return path


def nearest_page(path: str) -> str:
    """The path when it leads to a page, else the nearest page above it: what is posted to …/signing/address shows …/signing."""
    path = path[:2000]
    while path.strip("/"):
        if page := safe_path(path):
            return page
        path = path.rpartition("/")[0]
    return "/"
