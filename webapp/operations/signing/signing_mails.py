"""The mails about signing: to those who are asked to sign, and to whoever ordered; sends nothing and decides no state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting.porting_day import deadline
from webapp.domain.signing.rules import CODE_LIFE
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.operations.outbox import WORKER, Letter
from webapp.operations.papers.production import SIGNED
from webapp.operations.signing import signature_completion, signing_mail_data
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.tenancy.revision import tenant_from_json

INVITE, REMINDER, CODE, NEWS, COPY, OVER = KINDS = (
    "sign_invite",
    "sign_reminder",
    "sign_code",
    "sign_news",
    "sign_copy",
    "sign_over",
)
TEMPLATES: Mapping[str, str] = {
    "declined": "sign_declined",
    "not_me": "sign_declined",
    "bounced": "sign_bounced",
    "expired": "sign_expired",
    "sealed": "signed",
}
"""How the company that ordered is told what happened."""


def letter(store: Store, tenant: str, kind: str, id: str, secret: str, now: datetime) -> Letter | None:
    """The mail of that kind and id; None when it has become needless. Ids: see operations.signing.signature_requests."""
    found = seller(store, tenant)
    return _WRITERS[kind](store, found, id, secret, now) if found else None


def seller(store: Store, tenant: str) -> Tenant | None:
    """The tenant in its present dress; None when it has never been published."""
    with store.work(Scope(tenant, None, WORKER)) as work:
        revision = work.revisions.current()
    return tenant_from_json(revision.content) if revision else None


def _invite(store: Store, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    return _invitation(INVITE, signing_mail_data.invite(store, seller.slug, id, secret, now), id, seller, now)


def _reminder(store: Store, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    return _invitation(REMINDER, signing_mail_data.reminder(store, seller.slug, id, secret, now), id, seller, now)


def _invitation(
    kind: str, found: signing_mail_data.Invitation | None, id: str, seller: Tenant, now: datetime
) -> Letter | None:
    if found is None:
        return None
    paper = found.paper
    market, until = seller.market, seller.market.today(found.expires_at)
    facts = {
        "reminder": bool(found.reminder),
        "name": found.signer.name,
        "customer": found.company,
        "until": until,
        "link": f"{seller.base_url}/sign/{found.secret}",
        "deadline": deadline(market, found.wishes, market.today(now), until),
        **moving_numbers(paper),
    }
    return _letter(kind, id, found.signer.email, seller, paper, found.signer.company, facts, "sign_request")


def _code(store: Store, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    found = signing_mail_data.code_due(store, seller.slug, id, secret, now)
    if found is None or "@" not in found.to:
        return None
    facts = {"name": found.signer.name, "code": found.code, "minutes": int(CODE_LIFE.total_seconds() // 60)}
    return _letter(CODE, id, found.to, seller, found.paper, found.signer.company, facts, "sign_code")


def _news(store: Store, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    found = signing_mail_data.news(store, seller.slug, id)
    if found is None:
        return None
    paper, signer = found.paper, found.signer
    facts = {
        "name": found.name,
        "ref": paper.ref,
        "signer": signer.name if signer else "",
        "email": signer.email if signer else "",
        "signers": tuple(each.name for each in (paper.signatures or paper.signers)),
        "not_me": found.what == "not_me",
        "is_of_one_number": paper.is_of_one_number,
        "others_wait": found.others_wait,
        "reason": found.details.get("reason", ""),
        "page": f"/orders/{paper.ref}/lines/{paper.lines[0]}/signing",
        **moving_numbers(paper, found.language),
    }
    attached = _signed(store, seller, paper) if found.what == "sealed" else ()
    template = TEMPLATES[found.what]
    return _letter(NEWS, id, found.to, seller, paper, found.request.company, facts, template, attached, found.language)


def _copy(store: Store, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    found = signature_completion.copy_due(store, seller.slug, id, secret, now)
    if found is None:
        return None
    facts = {"name": found.signer.name, **moving_numbers(found.paper)}
    attached = _signed(store, seller, found.paper)
    return _letter(
        COPY, id, found.signer.email, seller, found.paper, found.signer.company, facts, "sign_copy", attached
    )


def _over(store: Store, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    found = signing_mail_data.over(store, seller.slug, id)
    if found is None:
        return None
    facts = {
        "name": found.signer.name,
        "customer": found.company,
        "why": found.why,
        "has_signed": found.signer.state == "signed",
        **moving_numbers(found.paper),
    }
    return _letter(OVER, id, found.signer.email, seller, found.paper, found.signer.company, facts, "sign_over")


_Writer = Callable[[Store, Tenant, str, str, datetime], Letter | None]
_WRITERS: Mapping[str, _Writer] = {
    INVITE: _invite,
    REMINDER: _reminder,
    CODE: _code,
    NEWS: _news,
    COPY: _copy,
    OVER: _over,
}


def _letter(
    kind: str,
    id: str,
    to: str,
    seller: Tenant,
    paper: PowerOfAttorney,
    company: str,
    facts: Mapping[str, Any],
    template: str,
    attached: tuple[tuple[str, bytes], ...] = (),
    language: str = "",
) -> Letter:
    return Letter(
        kind, id, to, language or paper.language, seller, company, paper.ref, paper.lines[0], facts, template, attached,
        is_security=kind == CODE,
    )  # fmt: skip


def moving_numbers(paper: PowerOfAttorney, language: str = "") -> dict[str, Any]:
    """The numbers as a subject names them: the only one, or how many there are; and all of them."""
    every = [move.number for move in paper.moves]
    many = Localizer(language or paper.language).ngettext("%(num)s number", "%(num)s numbers", len(every))
    many %= {"num": len(every)}
    return {"numbers": every[0] if len(every) == 1 else many, "all_numbers": every}


def _signed(store: Store, seller: Tenant, paper: PowerOfAttorney) -> tuple[tuple[str, bytes], ...]:
    """The signed paper as an attachment."""
    with store.work(Scope(seller.slug, None, WORKER)) as work:
        found: Document | None = work.documents.latest(paper.ref, SIGNED, paper.number)
        content = work.documents.content(found.id) if found else None
    return ((found.facts["file"], content),) if found and content else ()
