"""[signing] of tenant.toml: what goes together, and what a reseller has from its parent; knows no key, broker or SMS."""

from __future__ import annotations

from webapp.domain.tenants.tenant import Eid, SigningTerms
from webapp.tenancy.inheritance import Opened
from webapp.tenancy.models import SigningEntry

_OWN = frozenset({"sms_sender"})
"""All that a reseller says for itself: who signs and who seals is its contract party's matter."""


def check_signing(opened: Opened, parent: Opened | None) -> None:
    """Notes what lacks or has no effect, each way round, and what a reseller may not say."""
    file, toml, notes = opened.file, opened.toml, opened.notes
    if file is None or toml is None:
        return
    entry = file.signing
    for name in sorted(entry.model_fields_set - _OWN) if entry and file.parent else ():
        notes.add("signing.reseller", toml.at("signing", name), name=name, parent=file.parent)
    decides = _deciding(opened, parent)
    sender = entry.sms_sender if entry else None
    if "code_sms" in decides.methods and not sender:
        notes.add("signing.no_sender", toml.at("signing", "methods"))
    if entry is None:
        return
    if sender and "code_sms" not in decides.methods:
        notes.add("signing.unused", toml.at("signing", "sms_sender"), name="sms_sender", method="code_sms")
    if file.parent:
        return
    if "eid" in entry.methods and entry.eid is None:
        notes.add("signing.no_eid", toml.at("signing", "methods"))
    if entry.eid and "eid" not in entry.methods:
        notes.add("signing.unused", toml.at("signing", "eid"), name="[signing.eid]", method="eid")
    for at, method in enumerate(entry.methods):
        if method in entry.methods[:at]:
            notes.add("signing.twice", toml.at("signing", "methods"), value=method)


def signing_terms(opened: Opened, parent: Opened | None) -> SigningTerms:
    """The value, of a folder that has been found good."""
    decides = _deciding(opened, parent)
    own = opened.file.signing if opened.file else None
    slug = parent.slug if parent else opened.slug
    return SigningTerms(
        methods=tuple(decides.methods),
        seal_key=decides.seal_key or slug,
        sms_sender=(own.sms_sender if own else None) or "",
        eid=Eid(
            issuer=decides.eid.issuer,
            client_id=decides.eid.client_id,
            secret_env=decides.eid.secret_env,
            dialect=decides.eid.dialect,
            acr=tuple(decides.eid.acr),
            accept=tuple(decides.eid.accept),
            scopes=tuple(dict.fromkeys(("openid", *decides.eid.scopes))),
        )
        if decides.eid
        else None,
    )


def _deciding(opened: Opened, parent: Opened | None) -> SigningEntry:
    """The table of the contract party."""
    holder = parent if opened.is_reseller else opened
    found = holder.file.signing if holder and holder.file else None
    return found or SigningEntry()
