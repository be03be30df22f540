"""What a machine needs to run Skylt, looked at piece by piece and said in a line each; changes nothing and mends nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from webapp.documents.own_ca import NAME as OWN_CA
from webapp.documents.pdf_renderer import CannotPrint, check_renderer
from webapp.domain.ordering.statutory_texts import CELEX, unverified
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.papers.document_verification import CannotCheck, Seals, key_of
from webapp.operations.platform import readiness
from webapp.operations.tenants import publishing
from webapp.store.platform import schema
from webapp.store.unit_of_work import Store
from webapp.tenancy.folders import load

RENEW = timedelta(days=30)  # before a certificate ends
MAIL_SAFE = (3, 13)  # CPython that refuses a forged header itself (CVE-2024-6923)


@dataclass(frozen=True)
class Sign:
    """One thing looked at. `grade` is ok, warning (it runs, but look) or bad (it does not)."""

    name: str
    grade: str
    text: str


def examine(
    database_url: str, assets: Path, tenants: Path, mode: str, now: datetime, mail: Callable[[], str]
) -> Iterator[Sign]:
    """Every sign, in the order in which one would mend. `mail` asks the mail server: what stands in the way, or nothing."""
    yield python()
    yield _printing(assets)
    yield from _database(database_url, assets, now)
    yield _tenants(tenants, mode, now)
    trouble = mail()
    yield Sign("mail server", "bad" if trouble else "ok", trouble or "answers")


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Sign:
    """Which Python runs, and whether its mail library is the mended one."""
    written = ".".join(map(str, version))
    if version[:2] >= MAIL_SAFE:
        return Sign("python", "ok", written)
    said = (
        f"{written}: its mail library lets forged headers through (CVE-2024-6923). "
        "webapp/gateways/mail.py refuses them before they reach it; Python 3.13 does so itself"
    )
    return Sign("python", "warning", said)


def _printing(assets: Path) -> Sign:
    try:
        check_renderer(assets)
    except CannotPrint as missing:
        return Sign("papers", "bad", str(missing))
    return Sign("papers", "ok", "Pango and fonts are there")


def _database(url: str, assets: Path, now: datetime) -> Iterator[Sign]:
    store = Store(url, pool_size=1)
    try:
        troubles = [Sign(*_grade(finding)) for finding in readiness.findings(store, assets)]
        if any(trouble.name == "database" for trouble in troubles):
            yield from troubles
            return
        findings = schema.check(url)
        yield Sign("database", "bad" if findings else "ok", "; ".join(findings) or f"at migration {schema.head()}")
        yield Sign("roles", *_role(findings))
        yield from (trouble for trouble in troubles if trouble.name != "migrations")
        published = store.tenants()
        yield Sign("published", "ok" if published else "warning", ", ".join(published) or "no tenant is published")
        for lost in publishing.lost_agreements(store, now):
            told = f"{lost.tenant}: {lost.customers} customers have {lost.code}, which is not published; they pay list prices"
            yield Sign("agreements", "bad", told)
    finally:
        store.close()


def _grade(finding: str) -> tuple[str, str, str]:
    name, _, text = finding.partition(": ")
    # Between two runs nobody works; the rest stops every page.
    return name, "warning" if name == "worker" else "bad", text


def _role(findings: list[str]) -> tuple[str, str]:
    about = [finding for finding in findings if finding.startswith("the application's database role")]
    return ("bad", "; ".join(about)) if about else ("ok", "the application's role owns nothing and passes no policy")


def _tenants(folder: Path, mode: str, now: datetime) -> Sign:
    loaded = load(folder, mode, now)
    errors = sum(finding.is_error for finding in loaded.findings)
    if errors:
        return Sign("tenants", "bad", f"{errors} errors in {folder}: ./run cli tenants check")
    return Sign("tenants", "ok", ", ".join(loaded.tenants))


def prescribed(sellers: Iterable[Tenant]) -> Iterator[Sign]:
    """Whether the words that law prescribes for the contract summary were held against it, in what sellers speak."""
    sellers = tuple(sellers)
    for language in unverified(language for seller in sellers for language in seller.languages):
        named = ", ".join(sorted(each.slug for each in sellers if language in each.languages))
        yield Sign(
            "law", "warning",
            f"the contract summary in '{language}' ({named}) was not held against regulation (EU) 2019/2243: "
            f"compare webapp/domain/ordering/statutory_texts.py with CELEX {CELEX} and docs/legal-review.md",
        )  # fmt: skip


def sealing(seals: Seals, sellers: Iterable[Tenant], timestamp_url: str, mode: str, now: datetime) -> Iterator[Sign]:
    """Whether papers can be sealed and checked, key by key, and who says the time."""
    try:
        trust = seals.trust()
    except CannotCheck as blind:
        yield Sign(
            "seals", "bad", f"{blind}: papers can be neither sealed nor checked; keys are looked for in {seals.keys}"
        )
        return
    if any(OWN_CA in root.subject.rfc4514_string() for root in (*trust.seals, *trust.timestamps)):
        grade = "bad" if mode == "production" else "ok"
        yield Sign("seals", grade, "the keys are the demo's own; nobody else has a reason to believe them")
    yield from seal_keys(seals, sellers, now)
    if timestamp_url:
        yield Sign("timestamps", "ok", f"{timestamp_url}: seals are B-T")
    else:
        yield Sign("timestamps", "warning", "no authority is set: seals say their time themselves (B-B)")


def seal_keys(seals: Seals, sellers: Iterable[Tenant], now: datetime) -> Iterator[Sign]:
    """The key of each contract party: whether it is there, can be read, and lasts."""
    from webapp.documents.keys import CannotSeal, Keyring

    ring = Keyring(seals.keys or Path(), seals.password)
    for name in sorted({key_of(seller) for seller in sellers}):
        try:
            yield _key(name, ring.key(name).expires, now)
        except CannotSeal as problem:
            yield Sign(f"seal {name}", "bad", str(problem))


def _key(name: str, expires: datetime, now: datetime) -> Sign:
    left = expires - now
    if left <= timedelta():
        return Sign(
            f"seal {name}", "bad", f"key.expired: its certificate ended on {expires:%Y-%m-%d}; nothing is sealed"
        )
    grade = "warning" if left < RENEW else "ok"
    return Sign(f"seal {name}", grade, f"its certificate ends on {expires:%Y-%m-%d}, in {left.days} days")


def proving(sellers: Iterable[Tenant], sms_url: str, secrets: Collection[str], mode: str) -> Iterator[Sign]:
    """Whether what tenants offer to signers can be offered here: text messages, and eID by the names of its secrets."""
    grade = "bad" if mode == "production" else "warning"
    sellers = tuple(sellers)
    texting = sorted(seller.slug for seller in sellers if "code_sms" in seller.signing.methods)
    if texting and not sms_url:
        yield Sign("sms", grade, f"SKYLT_SMS_URL is not set: {', '.join(texting)} cannot send codes to phones")
    named = {seller.signing.eid.secret_env for seller in sellers if seller.signing.eid}
    for name in sorted(named - set(secrets)):
        yield Sign("eid", grade, f"{name} is not set: nobody can sign with that broker's eID")
    if texting and sms_url:
        yield Sign("sms", "ok", f"{sms_url} takes text messages")
    if named and named <= set(secrets):
        yield Sign("eid", "ok", "every broker's secret is there")
