"""What every page shows around itself: the tenant's face, the menu, the person; and the way to the verbs. Knows no page's content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, g, request

from webapp.domain.numbers import show_msisdn
from webapp.domain.people import Person
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import in_sentence
from webapp.web.assets import logo_url, theme_of
from webapp.web.language import once_a_revision, words_in

if TYPE_CHECKING:
    from webapp.operations.ordering.drafts import Ordering
    from webapp.operations.platform.services import Services
    from webapp.store.unit_of_work import Working


def services() -> Services:
    """This process's portal."""
    return current_app.extensions["skylt"]


def ordering() -> Ordering:
    """The verbs of whoever orders, for this request."""
    if "ordering" not in g:
        g.ordering = services().ordering(g.tenant, g.person, g.words, g.now)
    return g.ordering


def work() -> Working:
    """A transaction in the scope of whoever is signed in."""
    return services().work(g.tenant, g.person)


def first_page(person: Person | None) -> str:
    """Where the logo leads, and whoever is lost: each group to its own; who is not known to the page that finds out."""
    if person is None:
        return "/"
    return "/admin/orders" if person.is_staff else "/home"


@dataclass(frozen=True)
class Item:
    """An entry of a menu."""

    label: str
    url: str
    current: bool = False
    children: tuple[Item, ...] = ()


def init_app(app: Flask, the_portal: Services) -> None:
    """Gives templates the tenant's face and the menus."""
    app.extensions["skylt"] = the_portal

    @app.context_processor
    def around() -> dict[str, Any]:
        tenant: Tenant | None = g.get("tenant")
        if tenant is None:
            return {"tenant": None, "person": None, "nav": (), "menu": (), "first_page": "/", "request": request}
        person: Person | None = g.get("person")
        return {
            "tenant": _face(tenant, g.language),
            "person": _person(person) if person else None,
            "nav": _nav(person),
            "first_page": first_page(person),
            "menu": () if person is None or person.is_staff else _menu(tenant, g.language),
            "theme_url": theme_of(tenant).url,
            "theme_color": tenant.brand.colour,
        }


@once_a_revision
def _face(tenant: Tenant, language: str) -> dict[str, Any]:
    hours = tenant.support.hours.get(language) or next(iter(tenant.support.hours.values()), "")
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "legal": tenant.legal,
        "brand": {"logo_url": logo_url(tenant, "logo"), "favicon_url": logo_url(tenant, "favicon")},
        "support": {
            "phone": show_msisdn(tenant.support.phone, tenant.market),
            "email": tenant.support.email,
            "hours": hours,
            "hours_in_text": in_sentence(hours),
        },
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "may_order": person.may_order,
        "is_staff": person.is_staff,
        "company_name": person.company.name if person.company else "",
    }


def _nav(person: Person | None) -> tuple[Item, ...]:
    if person is None:
        return ()
    pages = (
        (("menu.orders", "/admin/orders"), ("menu.documents", "/admin/documents"), ("menu.audit", "/admin/audit"))
        if person.is_staff
        else (("menu.home", "/home"), ("menu.subscriptions", "/subscriptions"), ("menu.orders", "/orders"))
    )
    inside = {"/orders/new": "/subscriptions", "/admin/exports": "/admin/documents"}
    here = next((page for path, page in inside.items() if request.path.startswith(path)), request.path)
    return tuple(Item(g.words.say(key), url, here.startswith(url)) for key, url in pages)


@once_a_revision
def _menu(tenant: Tenant, language: str) -> tuple[Item, ...]:
    """The gear's menu, three levels deep as the operators' help pages describe it."""
    say = words_in(language).say
    subs = Item(say("menu.subs"), "/subscriptions")
    prices = Item(say("menu.prices"), "/prices")
    accounts = Item(say("menu.user_accounts"), "", children=(Item(say("menu.users"), "/company/users"),))
    account = Item(say("menu.company_account"), "", children=(subs, prices))
    numbers, addresses = (
        Item(say("menu.numbers"), "/company/numbers"),
        Item(say("menu.addresses"), "/company/addresses"),
    )
    return (Item(say("menu.settings"), "", children=(account, accounts, numbers, addresses)),)
