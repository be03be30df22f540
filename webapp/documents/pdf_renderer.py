"""Prints papers: facts and words through a template into a PDF that is PDF/A-3a and PDF/UA-1 at once; fetches nothing.

WeasyPrint is imported when the first paper is printed, for it needs Pango and takes a second: web processes never do.
"""

from __future__ import annotations

import atexit
import hashlib
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from webapp.documents.attachments import Attached
from webapp.documents.paper_templates import markup, stylesheet
from webapp.documents.pdfa_fixups import finish
from webapp.domain.papers.facts import Confirmation, Paper
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import msg
from webapp.l10n import Localizer

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

FONT_FOLDER = Path("font_source_sans_pro", "files")
FACES = {400: "SourceSansPro-Regular.ttf", 600: "SourceSansPro-Semibold.ttf"}
FILED_AS = {"confirmation": msg("order confirmation"), "power_of_attorney": msg("power of attorney"),
            "contract_summary": msg("contract summary")}  # fmt: skip
SIGNED = msg("signed")

_turn = Lock()  # Pango's font map is shared by all papers; threads would gain nothing anyway


class CannotPrint(RuntimeError):
    """Papers cannot be made here; the message says what is missing and how to mend it."""


@dataclass
class _Renderer:
    """What is prepared once in a process and used for every paper."""

    fetcher: Any
    fonts: FontConfiguration
    faces: tuple[tuple[int, str], ...]  # weight, address
    served: dict[str, tuple[bytes, str]] = field(default_factory=dict)


def render(paper: Paper, tenant: Tenant, words: Localizer, assets: Path, attached: tuple[Attached, ...] = ()) -> bytes:
    """The paper as PDF, its data and what else is `attached` inside. Equal facts give equal bytes. Raises CannotPrint.

    `words` speak the paper's language; `assets` is the folder that holds the letter face.
    """
    renderer = _renderer(assets)
    from weasyprint import HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError

    logo = _serve(renderer, "logo.svg", tenant.brand.logo, "image/svg+xml")
    made = paper.made_at.astimezone(UTC)
    own = Attached(
        paper.data_name, paper.data.encode(), words.gettext(msg("The data of this document, for machines")), "Data"
    )
    inside = (own, *attached)
    html = HTML(
        string=markup(paper, tenant, _at_home(words, tenant), logo, inside), url_fetcher=renderer.fetcher, base_url=None
    )
    files = [
        Attachment(
            string=each.content,
            name=each.name,
            description=each.description,
            relationship=each.relationship,
            created=made,
            modified=made,
            url_fetcher=renderer.fetcher,
        )
        for each in inside
    ]
    with _turn:
        renderer.fetcher.refused.clear()
        with suppress(FatalURLFetchingError):
            pdf: bytes = html.write_pdf(
                stylesheets=[_compiled(assets, tenant.brand.colour, words.language)],
                font_config=renderer.fonts,
                pdf_variant="pdf/a-3a",
                attachments=files,
                finisher=finish,
            )
        if renderer.fetcher.refused:
            raise CannotPrint(f"the paper asked for {renderer.fetcher.refused[0]!r}, which is not among the assets")
    return pdf


def file_name(paper: Paper, tenant: Tenant, words: Localizer) -> str:
    """A name in plain ASCII, such as "fjallton_orderbekraftelse_FJ-7K4Q-2M.pdf"."""
    # An order has one confirmation, so its name needs no running number.
    of = paper.ref if isinstance(paper, Confirmation) else paper.number
    version = f"_v{paper.version}" if paper.version > 1 else ""
    signed = "_" + _ascii(words.gettext(SIGNED)) if paper.signed else ""
    return f"{tenant.slug}_{_ascii(words.gettext(FILED_AS[paper.kind]))}_{of}{version}{signed}.pdf"


def check_renderer(assets: Path) -> None:
    """Whether papers can be made here at all. Raises CannotPrint before WeasyPrint could crash the process."""
    _renderer(assets)


@lru_cache(maxsize=4)
def _renderer(assets: Path) -> _Renderer:
    try:
        from weasyprint.text import fonts
    except OSError as missing:
        raise CannotPrint(
            f"Pango cannot be loaded ({missing}). On Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0"
        ) from missing
    from webapp.documents.url_fetcher import AssetFetcher

    configuration = fonts.FontConfiguration()
    atexit.register(_renderer.cache_clear)  # it lays fonts in a folder, which it can only remove while modules live
    _need_fonts(configuration)
    served: dict[str, tuple[bytes, str]] = {}
    renderer = _Renderer(AssetFetcher(served), configuration, (), served)
    faces = {weight: assets / FONT_FOLDER / name for weight, name in FACES.items()}
    found = {weight: path for weight, path in faces.items() if path.is_file()}
    return replace(
        renderer,
        faces=tuple(
            (weight, _serve(renderer, path.name, path.read_bytes(), "font/ttf")) for weight, path in found.items()
        ),
    )


def _need_fonts(configuration: FontConfiguration) -> None:
    """Without a single system font Pango does not fail, it takes the process down (seen: exit 139)."""
    from weasyprint.text.ffi import fontconfig

    fonts = fontconfig.FcConfigGetFonts(configuration._config, fontconfig.FcSetSystem)
    if not fonts or not fonts.nfont:
        raise CannotPrint("no font is installed. On Debian: apt-get install fonts-dejavu-core")


@lru_cache(maxsize=64)
def _compiled(assets: Path, colour: str, language: str) -> Any:
    """The stylesheet of a brand in a language, parsed once."""
    from weasyprint import CSS

    renderer = _renderer(assets)
    sheet = stylesheet(colour, Localizer(language), renderer.faces)
    return CSS(string=sheet, font_config=renderer.fonts, url_fetcher=renderer.fetcher)


def _serve(renderer: _Renderer, name: str, content: bytes, kind: str) -> str:
    """Have bytes served to papers; the address names them by their digest, so tenants cannot get each other's."""
    address = f"paper:{hashlib.sha256(content).hexdigest()[:16]}/{name}"
    renderer.served.setdefault(address, (content, kind))
    return address


def _at_home(words: Localizer, tenant: Tenant) -> Localizer:
    """Papers speak in the tenant's own wording, tell the time and say what the law is of its market, whoever reads."""
    return Localizer(
        words.language, {**tenant.own_words(words.language), **words.overrides}, tenant.market.zone, tenant.market.code
    )


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("æ", "ae").replace("ø", "o").replace(" ", "-"))
    return "".join(char for char in plain if char.isascii() and (char.isalnum() or char == "-"))
