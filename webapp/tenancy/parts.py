"""The files of one folder besides tenant.toml, read and held against each other: brand, composition, catalogue, prices, words."""

from __future__ import annotations

from datetime import date, datetime

from webapp.domain.market import Market
from webapp.domain.tenants.catalogue import MONTHS, Catalogue
from webapp.domain.tenants.tenant import Brand, Composition
from webapp.tenancy import articles, composition, prices, text_overrides
from webapp.tenancy.inheritance import Opened
from webapp.tenancy.models import BrandFile, CatalogueFile, OrderFile
from webapp.tenancy.schema_check import read_model
from webapp.tenancy.source import Toml
from webapp.tenancy.svg import check_svg


def read_parts(opened: Opened, parent: Opened | None, languages: tuple[str, ...], today: date | None) -> None:
    """Brand, composition, catalogue, texts and legal texts: the folder's own, else the parent's."""
    folder, notes, parts = opened.folder, opened.notes, opened.parts
    above = parent.parts if parent else {}
    inherits = opened.file is None or opened.is_reseller  # nothing is missed while it is not known who this is

    if inherits and not folder.has("brand.toml"):
        parts["brand"] = above.get("brand")
    elif brand := read_model(folder, "brand.toml", BrandFile):
        parts["brand"] = _brand(opened, *brand)

    if inherits and not folder.has("catalogue.toml"):
        parts["catalogue"] = above.get("catalogue")
    elif sold := read_model(folder, "catalogue.toml", CatalogueFile):
        text_overrides.check_all_words(sold[1].data, languages, sold[1], notes)
        articles.check_catalogue(*sold, notes)
        parts["catalogue"], parts["catalogue_toml"] = articles.catalogue(sold[0]), sold[1]

    if inherits and not folder.has("order.toml"):
        parts["order"], parts["order_toml"] = above.get("order"), above.get("order_toml")
    elif order := read_model(folder, "order.toml", OrderFile):
        text_overrides.check_all_words(order[1].data, languages, order[1], notes)
        parts["order"], parts["order_toml"] = composition.composition(*order, notes), order[1]

    own_texts = text_overrides.texts(folder, languages, notes)
    parts["texts"] = {**above.get("texts", {}), **own_texts}
    own_legal = text_overrides.legal_texts(folder, languages, inherits, today, notes)
    names = {text.name for text in own_legal}
    parts["legal"] = (*own_legal, *(text for text in above.get("legal", ()) if text.name not in names))


def _brand(opened: Opened, entry: BrandFile, toml: Toml) -> Brand | None:
    pictures = []
    for key, name in (("logo", entry.logo.file), ("favicon", (entry.favicon or entry.logo).file)):
        inside = not name.startswith("/") and ".." not in name.split("/") and "\\" not in name
        if not inside or not (opened.folder.path / name).is_file():
            opened.notes.add("brand.file", toml.at(key, "file"), value=name)
        elif (data := opened.folder.read(name)) and check_svg(data, name, opened.folder.place(name), opened.notes):
            pictures.append(data)
    if len(pictures) < 2:
        return None
    return Brand(entry.colour, entry.corners, pictures[0], entry.logo.alt, pictures[1])


def read_prices(
    opened: Opened, parent: Opened | None, market: Market | None, has_areas: bool, now: datetime | None
) -> None:
    """Price lists, agreements and limits, and how they fit catalogue and composition."""
    folder, notes, parts = opened.folder, opened.notes, opened.parts
    sold: Catalogue | None = parts.get("catalogue")
    flow: Composition | None = parts.get("order")
    currency = market.currency if market else ""
    months = flow.options.get("months") if flow else None
    hidden = frozenset(MONTHS) - {int(month) for month in months} if months else frozenset()
    own_lists = prices.price_lists(folder, sold, currency, hidden)
    agreed = prices.agreements(folder, sold, currency, hidden)
    if sold is None:  # what can be read of prices without it has been
        return
    articles.check_prices(sold, own_lists, agreed, notes)
    articles.check_dearer(own_lists, agreed, notes)
    inherits_lists = parent is not None and "catalogue_toml" not in parts and not folder.has("prices")
    parts["agreements"] = agreed
    parts["prices"] = parent.parts.get("prices", ()) if parent and inherits_lists else own_lists
    if not any(folder.names("prices")) and not inherits_lists:
        notes.add("prices.none", folder.place("prices"))
    if parts["prices"] and market and now:
        first = min(read.prices.valid_from for read in parts["prices"])
        if first > market.today(now):
            notes.add("prices.none_today", folder.place("prices"), first=first)
    if not opened.is_reseller:
        parts["limits"] = prices.limits(folder, sold)
    elif parent and (above := parent.parts.get("catalogue")):
        limits, toml = parent.parts.get("limits", ()), parts.get("catalogue_toml")
        articles.check_wholesale(sold, above, limits, (own_lists, *agreed.values()), toml, notes)
    if flow:
        offered = {
            m for reads in agreed.values() for read in reads for p in read.prices.prices.values() for m in p.amounts
        }
        composition.check_enough(flow, sold, bool(agreed), frozenset(offered), has_areas, parts["order_toml"], notes)
