"""Whether an uploaded scan is a picture or a PDF that people can open; changes nothing, and is called where a hostile file can break nothing."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

MOST_PAGES = 20
MOST_PIXELS = 60_000_000  # a page of A4 in 600 dpi has 35 million
UNREADABLE, LOCKED, PAGES, PIXELS = WHYS = ("unreadable", "locked", "pages", "pixels")


def why_not(kind: str, content: bytes) -> str:
    """Why people cannot open it, or will not read it; empty when they can. `kind` is pdf, jpeg or png.

    unreadable: broken or empty; locked: wants a password to be read; pages, pixels: more than there may be.
    """
    return _of_pdf(content) if kind == "pdf" else _of_picture(kind, content)


def _of_pdf(content: bytes) -> str:
    import pikepdf

    try:
        # One that wants a password for changes alone opens without: office scanners make such.
        with pikepdf.open(BytesIO(content), inherit_page_attributes=False) as pdf:
            pages = _pages(pdf)
            return UNREADABLE if pages == 0 else PAGES if pages > MOST_PAGES else ""
    except pikepdf.PasswordError:
        return LOCKED
    except (pikepdf.PdfError, ValueError, RuntimeError, AttributeError, KeyError, TypeError):
        return UNREADABLE


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
    return MOST_PAGES + 1 if pages else 0  # going in circles without a page


def _of_picture(kind: str, content: bytes) -> str:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=[kind.upper()]) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    return PIXELS
                picture.load()
                return ""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return PIXELS
    except (OSError, ValueError, SyntaxError, MemoryError):
        return UNREADABLE
