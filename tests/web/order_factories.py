"""Orders put straight into the database as placing leaves them, and hands that do their jobs without a worker."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.browsing import Portal
from tests.builders import a_line, a_ported_line, a_porting, an_order
from webapp.documents.sealed import Sealed
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.order import Order, OrderLine
from webapp.domain.papers.facts import Paper
from webapp.domain.tenants.tenant import Tenant
from webapp.gateways.mail import Server
from webapp.jobs.registry import HANDLERS
from webapp.jobs.worker_context import WorkerContext
from webapp.l10n import Localizer
from webapp.operations.ordering.checkout import port_of
from webapp.store.platform.scope import Scope

_numbers = itertools.count(1)
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def said(language: str, text: str, **params: object) -> str:
    """What a reader of that language is told; it is never the English of the code."""
    found = Localizer(language).gettext(text)
    assert found != text, f"{text!r} has no words in {language}"
    return found % params if params else found


def new_user(n: int = 1, **more: Any) -> OrderLine:
    """A new number on an eSIM, with a welcome."""
    answers = {"kind": "mobile", "sim": "esim", "data": "D40", "welcome": "yes", "esim_email": "telefon@granit.example"}
    return replace(a_line(n, answers=answers), **more)


def moving(n: int = 2, e164: str = "+46701740680", **more: Any) -> OrderLine:
    """A number that is moved here by its owner's leave."""
    return a_ported_line(n, porting=a_porting(e164=e164), user_email="", user_name="Omar Said", **more)


def place(
    portal: Portal,
    slug: str = "fjallton",
    *lines: OrderLine,
    local: str = "owner",
    tenant: Tenant | None = None,
    **more: Any,
) -> Order:
    """An order of one of the demo's people, with its one job."""
    person, tenant = portal.person(slug, local), tenant or portal.tenant(slug)
    assert person.company
    count = next(_numbers)
    order = an_order(
        *(lines or (new_user(), moving())),
        tenant=tenant,
        ref=f"{tenant.ref_prefix}-{_SIGNS[count // 32]}{_SIGNS[count % 32]}{slug[0].upper()}A-QQ",
        draft=f"draft-{count}",
        company=person.company,
        ordered_by=person.name,
        ordered_by_email=person.email,
        placed_at=portal.now,
        **more,
    )
    with portal.store.work(Scope(slug, person.company.id, person.id)) as work:
        work.drafts.add(
            Draft(
                order.draft,
                order.company.id,
                order.language,
                tenant.revision,
                person.id,
                person.id,
                portal.now,
                lines=(Line(1),),
            )
        )
        work.orders.add(order, {line.n: "waiting_signature" if line.porting else "placed" for line in order.lines})
        for line in order.ports:
            work.portings.add(port_of(order, line, portal.now))
        work.drafts.mark_placed(order.draft)
        work.audit.write("order.placed", order.ref, now=portal.now)
        work.jobs.defer("carry_out", order.ref)
    return order


def hands(portal: Portal, mail_port: int = 1) -> WorkerContext:
    """What handlers need; papers are drawn in no time and look it."""

    def draw(paper: Paper, tenant: Tenant, attached: tuple[Any, ...] = ()) -> tuple[bytes, str]:
        return b"%PDF-1.7 " + paper.number.encode(), f"{tenant.slug}_{paper.kind}_{paper.number}.pdf"

    def seal(pdf: bytes, key_name: str, label: str, now: datetime) -> Sealed:
        return Sealed(pdf, "", None, "")  # so nobody looks for a seal

    return WorkerContext(portal.store, portal.app.config["SECRET_KEY"], draw, Server("127.0.0.1", mail_port), seal)


def do_jobs(portal: Portal, mail_port: int = 1, *, only: str = "") -> list[str]:
    """Does what is due until nothing is left; what fails stays failed, as it does after the last try. The failures."""
    worker_context, failures = hands(portal, mail_port), []
    while True:
        found = portal.sql(
            "select id, task_name, args->>'tenant', args->>'id' from procrastinate_jobs"
            " where status = 'todo' and task_name ^@ %s and task_name = any(%s) order by id",
            only,
            list(HANDLERS),
        )
        if not found:
            return failures
        for number, kind, tenant, id in found:
            try:
                HANDLERS[kind](worker_context, tenant, id, portal.now)
                status = "succeeded"
            except Exception as problem:  # noqa: BLE001 - whatever it is, a worker would go on
                failures.append(f"{kind} {id}: {problem}")
                status = "failed"
            portal.sql(f"update procrastinate_jobs set status = '{status}' where id = %s", number)
