"""A paper that waits for a signature, as its pages show it: the article, the boxes, where a code went, what happens next. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from markupsafe import Markup

from webapp.domain.papers.facts import PowerOfAttorney, capacity_in_words, declarations
from webapp.domain.signing.rules import CODE_MAIL, CODE_SMS, CODE_TRIES, EID, PAPER, Consent, masked, mobile
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.operations.signing.signing_access import SignerView

PAGES = {"document": "document", "code": "code", "eid": "eid", "scan": "scan", "waiting": "done", "done": "done"}
"""Which page belongs to which stage."""

LISTED = 6
SLOW = timedelta(minutes=3)
"""Sealing takes seconds; after this the page stops asking and says that the copy comes by mail."""

_EIDS = (("mitid", "MitID"), ("bankid", "BankID"), ("sbid", "BankID"))


@dataclass(frozen=True)
class Box:
    """A declaration, in the paper's own words, and whether it has been ticked."""

    code: str
    text: str
    ticked: bool


@dataclass(frozen=True)
class Choice:
    """A capacity or a method, as a radio button shows it."""

    value: str
    label: str
    hint: str = ""
    selected: bool = False


def where(visit: SignerView) -> str:
    """The page that is this visitor's now."""
    return f"/sign/{visit.signer.id}/{PAGES[visit.stage]}"


def numbers(paper: PowerOfAttorney) -> tuple[str, ...]:
    """What is moved, as people write it."""
    return tuple(dict.fromkeys(move.number for move in paper.moves))


# --- The paper -----------------------------------------------------------------------------------------------------


def article(paper: PowerOfAttorney, tenant: Tenant, words: Localizer) -> Markup:
    """The paper's own sections, as its PDF is made of them."""
    template = current_app.jinja_env.get_template("papers/pdf/authority.html")

    def gettext(text: str, **values: object) -> Markup:
        return _filled(words.gettext(text), values)

    def ngettext(one: str, many: str, num: int, **values: object) -> Markup:
        return _filled(words.ngettext(one, many, num), {"num": num, **values})

    context = {"tenant": tenant, "market": tenant.market, "w": words, "_": gettext, "ngettext": ngettext}
    return Markup(template.render(paper=paper, declared=declarations(paper, words), **context))  # noqa: S704 - escaped by it


def _filled(text: str, values: dict[str, Any]) -> Markup:
    return Markup(text) % values  # noqa: S704 - the catalogue's text is ours; what is filled in is escaped


def boxes(visit: SignerView, words: Localizer, form: Consent | None) -> tuple[Box, ...]:
    """What is to be declared, in the words of the paper."""
    return tuple(
        Box(code, text, bool(form and code in form.declarations)) for code, text in declarations(visit.paper, words)
    )


def capacities(visit: SignerView, words: Localizer, form: Consent | None) -> tuple[Choice, ...]:
    """In what capacity one can sign; none is chosen for anybody."""
    chosen = form.capacity if form else ""
    found = ((value, capacity_in_words(visit.paper, value, words)) for value in visit.capacities)
    return tuple(Choice(value, text[:1].upper() + text[1:], "", value == chosen) for value, text in found)


# --- The proof -----------------------------------------------------------------------------------------------------


def methods(visit: SignerView, tenant: Tenant, words: Localizer, form: Consent | None) -> tuple[Choice, ...]:
    """How one can show who one is; the first is chosen until another is."""
    chosen = form.method if form else visit.methods[0]
    eid = eid_name(tenant, words)
    texts = {
        CODE_MAIL: (
            words.gettext("A code by e-mail"),
            words.gettext("We send it to %(email)s") % {"email": masked_mail(visit.signer.email)},
        ),
        CODE_SMS: (
            words.gettext("A code by text message"),
            words.gettext("We send it to the number that is moved, %(number)s")
            % {"number": masked(mobile(visit.paper))},
        ),
        EID: (eid, words.gettext("You confirm with %(eid)s and come back here") % {"eid": eid}),
        PAPER: (
            words.gettext("On paper"),
            words.gettext("You print it, sign it by hand and send us a scan or a photo"),
        ),
    }
    return tuple(Choice(value, *texts[value], value == chosen) for value in visit.methods)


def eid_name(tenant: Tenant, words: Localizer) -> str:
    """What the tenant's eID is called by those who have one."""
    asked = " ".join(tenant.signing.eid.acr if tenant.signing.eid else ())
    return next((name for part, name in _EIDS if part in asked), words.gettext("eID"))


def eid_url(visit: SignerView) -> str:
    """Where the eID is asked for; empty until a job has prepared it."""
    return str(visit.proof.facts.get("url", "")) if visit.proof else ""


def code_went_to(visit: SignerView) -> str:
    """Where a code was sent, with enough left out."""
    if visit.proof and visit.proof.method == CODE_SMS:
        return masked(mobile(visit.paper))
    return masked_mail(visit.signer.email)


def masked_mail(email: str) -> str:
    """An address by which its owner knows it."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}•••@{domain}"


def tries_left(visit: SignerView) -> int:
    """How often a code may still be tried."""
    return max(0, CODE_TRIES - visit.proof.tries) if visit.proof else 0


# --- Afterwards ----------------------------------------------------------------------------------------------------


def standing(visit: SignerView, words: Localizer, now: datetime, failed: str) -> dict[str, Any]:
    """What the waiting page shows. `settled`: asking again soon would tell nothing new."""
    state, slow = _state(visit), _is_slow(visit, now)
    titles = {
        "checking": words.gettext("One moment"),
        "failed": words.gettext("It did not work"),
        "others": words.gettext("Thank you, you have signed"),
        "sealing": words.gettext("Thank you, you have signed"),
        "sealed": words.gettext("The power of attorney is signed"),
        "over": words.gettext("The power of attorney is no longer valid"),
    }
    return {
        "visit": visit,
        "w": words,
        "state": state,
        "title": titles[state],
        "slow": slow,
        "settled": slow or state in ("sealed", "failed", "others", "over"),
        "failed": failed,
        "try_again": where(visit),
        "waited_for": [each.name for each in visit.signers if each.state != "signed"],
    }


def _state(visit: SignerView) -> str:
    if not visit.is_signed:
        return "checking" if visit.stage == "waiting" else "failed"
    if visit.request.state in ("waiting", "signed"):
        return "others" if visit.request.state == "waiting" else "sealing"
    return "sealed" if visit.request.state == "sealed" and visit.sealed else "over"


def _is_slow(visit: SignerView, now: datetime) -> bool:
    begun = visit.request.changed_at if visit.is_signed else visit.proof.made_at if visit.proof else now
    return _state(visit) in ("checking", "sealing") and now - begun > SLOW
