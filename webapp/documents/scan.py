"""Whether an uploaded scan is a picture or a PDF that people can open; changes nothing, and is called where a hostile file can break nothing."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

MOST_PAGES = 20
MOST_PIXELS = 60_000_000  # a page of A4 in 600 dpi has 35 million


def can_open(kind: str, content: bytes) -> bool:
    """`kind` is pdf, jpeg or png. False for what is broken, locked, empty, of too many pages or pixels."""
    return _is_pdf(content) if kind == "pdf" else _is_picture(kind, content)


def _is_pdf(content: bytes) -> bool:
    import pikepdf

    try:
        with pikepdf.open(BytesIO(content), inherit_page_attributes=False) as pdf:
            return not pdf.is_encrypted and 0 < _pages(pdf) <= MOST_PAGES
    except (pikepdf.PdfError, ValueError, RuntimeError, AttributeError, KeyError, TypeError):
        return False


def _pages(pdf: pikepdf.Pdf) -> int:
    """How many pages there are, or more than enough. Counting all of a million takes half a minute that other papers wait."""
    nodes: list[Any] = [pdf.Root.Pages]
    pages = 0
    for _ in range(10 * MOST_PAGES):
        if not nodes or pages > MOST_PAGES:
            return pages
        kids = nodes.pop().get("/Kids")
        pages += kids is None
        nodes += [kids[n] for n in range(min(len(kids), MOST_PAGES + 1))] if kids is not None else []
    return MOST_PAGES + 1


def _is_picture(kind: str, content: bytes) -> bool:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=[kind.upper()]) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    return False
                picture.load()
                return True
    except (
        OSError,
        ValueError,
        SyntaxError,
        MemoryError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return False
