"""What the company has with this seller: subscriptions, numbers, users, addresses, prices."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, g, request

from webapp.domain.numbers import show_company_id, show_postcode
from webapp.domain.people import Employee
from webapp.domain.problem import Problem
from webapp.domain.texts import msg
from webapp.operations.ordering import labels
from webapp.operations.people import company
from webapp.store.reading import cards, company_reads
from webapp.web.access import may
from webapp.web.htmx import by_htmx, fragment, macro, page, see_other
from webapp.web.layout_context import services, work
from webapp.web.ordering.order_buttons import order_buttons
from webapp.web.request_guard import too_old

bp = Blueprint("company", __name__)

MOST_HITS = 20
LONGEST_SEARCH = 80


@bp.get("/subscriptions")
@may("customer")
def subscriptions() -> Response:
    """What orders led to, found by user or number."""
    q, unassigned = _asked(), "unassigned" in request.args
    with work() as unit:
        found = company_reads.subscriptions(unit, q=q, unassigned=unassigned, cursor=request.args.get("after", ""))
    return page(
        "people/subscriptions.html",
        found=[(card, _plan_name(card)) for card in found.rows],
        more=_more("/subscriptions", found, q=q, unassigned="1" if unassigned else ""),
        q=q,
        unassigned=unassigned,
        order_buttons=order_buttons(),
    )


@bp.get("/subscriptions/<id>")
@may("customer")
def subscription(id: str) -> Response:
    """One subscription."""
    with work() as unit:
        found = company_reads.subscription(unit, id) or abort(404)
    return page("people/subscription.html", subscription=found, plan=_plan_name(found), data=_data_name(found))


@bp.get("/company")
@may("customer")
def overview() -> Response:
    """The company as the seller knows it."""
    own = g.person.company
    return page(
        "people/overview.html",
        company=own,
        org_id=show_company_id(own.org_id, g.tenant.market),
        zip=show_postcode(own.zip, g.tenant.market),
    )


@bp.get("/company/users")
@may("customer")
def users() -> Response:
    """Who may sign in, and the users that subscriptions are ordered for."""
    q = _asked()
    with work() as unit:
        found = company_reads.employees(unit, g.words.language, q=q, cursor=request.args.get("after", ""))
        accounts = company_reads.users(unit, g.words.language)
    more = _more("/company/users", found, q=q)
    return page("people/users.html", employees=found.rows, accounts=accounts, more=more, q=q)


@bp.get("/company/users/search")
@may("customer")
def search_users() -> Response:
    """Hits for the question that asks who gets a subscription; without script the list of users."""
    if not by_htmx():
        return see_other(f"/company/users?{urlencode({'q': _asked()})}")
    q = _asked()
    with work() as unit:
        found = company_reads.employees(unit, g.words.language, q=q, limit=MOST_HITS)
    hits = [_hit(employee) for employee in found.rows] if q else []
    if found.next and q:
        told = note = g.words.say("search.first", n=len(hits))
    else:
        told, note = g.words.ngettext("%(num)s hit", "%(num)s hits", len(hits)) % {"num": len(hits)} if q else "", ""
    return fragment(macro("search_hits", {"id": "user", "query": q, "spoken": told, "note": note}, hits))


@bp.get("/company/numbers")
@may("customer")
def numbers() -> Response:
    """The company's numbers and who has them."""
    with work() as unit:
        found = company_reads.numbers(unit, g.person.company.id, cursor=request.args.get("after", ""))
    more = _more("/company/numbers", found)
    return page("people/numbers.html", numbers=found.rows, more=more, order_buttons=order_buttons())


@bp.get("/company/addresses")
@may("customer")
def addresses() -> Response:
    """Where SIM cards can be sent."""
    return _addresses({}, {})


@bp.post("/company/addresses")
@too_old(lambda: _addresses(request.form, {}))
@may("buyer")
def add_address() -> Response:
    """One address more."""
    with work() as unit:
        problems = company.add_address(unit, g.tenant, g.person.company, request.form, g.now)
    if problems:
        return _addresses(request.form, problems)
    flash(g.words.gettext(msg("The address is saved")), "success")
    return see_other("/company/addresses")


def _addresses(typed: Any, problems: dict[str, Problem]) -> Response:
    with work() as unit:
        found = company_reads.addresses(unit, g.person.company.id, g.words.language)
    told = {field: labels.problem(g.words, problem) for field, problem in problems.items()}
    return page(
        "people/addresses.html",
        422 if told else 200,
        addresses=[(each, show_postcode(each.zip, g.tenant.market)) for each in found],
        company=g.person.company,
        zip=show_postcode(g.person.company.zip, g.tenant.market),
        typed=typed,
        told=told,
        errors=[{"id": field, "text": text} for field, text in told.items()],
        may_add=g.person.may_order,
    )


@bp.get("/prices")
@may("customer")
def prices() -> Response:
    """The list that holds for this company today."""
    found = company.prices(g.tenant, g.person.company, g.tenant.market.today(g.now), g.language)
    who = () if g.person.may_order else services().who_may_order(g.tenant, g.person)
    return page("people/prices.html", prices=found, usage=g.words.usage, who=who)


def _asked() -> str:
    return " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH].replace("\0", "")


def _more(path: str, found: cards.Page[Any], **kept: str) -> str | None:
    """Where the rest of a list is; None when this is all."""
    asked = {name: value for name, value in kept.items() if value}
    return f"{path}?{urlencode({**asked, 'after': found.next})}" if found.next else None


def _hit(employee: Employee) -> dict[str, str]:
    about = (employee.initials, employee.title, employee.dept, employee.email)
    return {"value": employee.id, "label": employee.name, "hint": " · ".join(filter(None, about))}


def _plan_name(card: cards.SubscriptionCard) -> str:
    """Its name in the reader's language; as it was ordered when it is not sold any more."""
    names = {plan.code: plan.names for plan in g.tenant.catalogue.plans}
    return str(names.get(card.facts.get("plan", ""), {}).get(g.language) or card.plan_name)


def _data_name(card: cards.SubscriptionCard) -> str:
    names = {package.code: package.names for package in g.tenant.catalogue.data}
    return str(names.get(card.facts.get("data") or "", {}).get(g.language) or "")
