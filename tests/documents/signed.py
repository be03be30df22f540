"""Powers of attorney that were signed, as the jobs make them: their signatures, what happened, and what rides inside."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

from tests.builders import NOW, a_company, a_danish_company, a_ported_line, a_porting, an_order
from tests.documents.reading import ASSETS, papers_of, printed
from webapp.documents.attachments import signed_files
from webapp.documents.pdf_renderer import render
from webapp.domain.papers.facts import EvidenceEvent, PowerOfAttorney, Signature
from webapp.domain.porting.signers import SignerName
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer

SCAN = b"%PDF-1.4 scanned by hand"
BO = SignerName("Bo Ek", "bo@granit.example")


def authority(tenant: Tenant, language: str, **porting: object) -> PowerOfAttorney:
    """The paper of an order with one move."""
    danish = tenant.market.code == "DK"
    company = a_danish_company() if danish else a_company()
    values = {"e164": "+4520000050" if danish else "+46701740680", "owner_name": company.name}
    port = a_porting(**{**values, "owner_id": company.org_id, **porting})
    order = an_order(a_ported_line(porting=port), tenant=tenant, company=company, language=language)
    paper = papers_of(order, tenant)[1]
    assert isinstance(paper, PowerOfAttorney)
    return paper


def signed(paper: PowerOfAttorney, shown: bytes, *methods: str) -> PowerOfAttorney:
    """Every signer has signed, by these methods in turn."""
    given, events = [], []
    for n, signer in enumerate(paper.signers, 1):
        at, method = NOW + timedelta(hours=n), methods[(n - 1) % len(methods)]
        known = {"provider": "BankID", "verified_name": f"{signer.name} Eriksson", "acr": "high"}
        given.append(
            Signature(
                n, signer.name, signer.email, "signatory" if paper.giver_is_company else "owner", method, at,
                "192.0.2.0/24", phone_masked="+45•••••050" if method == "code_sms" else "",
                **(known if method == "eid" else {}),
            )
        )  # fmt: skip
        steps = ("sent", "opened", "code_confirmed", "signed", "something_new")
        events += [EvidenceEvent(at - timedelta(minutes=5 - m), what, signer.name) for m, what in enumerate(steps)]
    return replace(
        paper,
        signatures=tuple(given),
        events=tuple(events),
        shown_sha256=hashlib.sha256(shown).hexdigest(),
        evidence=json.dumps({"signers": len(given)}),
    )


def printed_signed(paper: PowerOfAttorney, tenant: Tenant, *methods: str) -> tuple[PowerOfAttorney, bytes, bytes]:
    """The signed paper, its PDF, and the bytes that were shown."""
    shown = printed(paper, tenant)
    made, words = signed(paper, shown, *methods), Localizer(paper.language)
    scans = {"scan-1.pdf": SCAN} if "paper" in methods else {}
    return made, render(made, tenant, words, ASSETS, signed_files(made, shown, words, scans)), shown
