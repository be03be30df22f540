"""Whether all is as it should be: promises, audit trail, machine, a paper. Reads, and changes nothing."""

from __future__ import annotations

import hashlib
import os
import sys
from itertools import chain
from pathlib import Path
from typing import TextIO

import click

from webapp import clock
from webapp.cli.installation import DEMO, report, settings, store
from webapp.gateways import mail
from webapp.operations.desk import diagnosis, staff
from webapp.operations.papers.document_verification import Seals
from webapp.operations.papers.production import TITLES
from webapp.operations.tenants import publishing
from webapp.store import audit_chain
from webapp.store.invariants import broken_promises
from webapp.store.papers.documents import Document
from webapp.store.unit_of_work import Verified
from webapp.tenancy.folders import load


@click.command()
def invariants() -> None:
    """Say which promise is broken (docs/invariants.md), for whom and what; reads only."""
    chosen = settings()
    opened, now = store(), clock.now()
    found = [f"{each.promise} {each.tenant} {each.subject}" for each in broken_promises(opened, chosen.secret, now)]
    found += [f"I14 {lost.tenant} {lost.code}" for lost in publishing.lost_agreements(opened, now)]
    report(found, "Every promise holds.")


@click.group()
def audit() -> None:
    """The audit trail: whether it is as it was written, and what to keep of it elsewhere."""


FLAWS = {
    "changed": "was changed",
    "missing": "is missing",
    "moved": "stands in another place than it was written in",
    "inserted": "was inserted: it came long after the time it tells",
    "forged": "has a link that is not ours, or not the one whose head was kept",
    "cut_out": "has lost the rows before it",
    "cut_off": "has lost the rows after it",
}


WRONG = {
    "hash": "its bytes are not those that were stored",
    "unreadable": "it is no PDF, or a broken one",
    "unsealed": "it bears no seal",
    "several": "it bears more than one seal",
    "not_whole": "it has bytes that the seal does not cover",
    "altered": "it was changed after it was sealed",
    "untrusted": "it was sealed with a key that is not ours",
    "expired": "it was sealed when its certificate did not hold",
    "uncertified": "its seal does not forbid changes",
    "future": "it says that it was sealed later than now",
    "timestamp": "its time-stamp is wrong, or by an authority that is not known here",
}
"""What `webapp.documents.check` finds, for whoever asks by command."""


@audit.command("verify")
@click.option("--heads", type=click.File(), help="heads that were kept, as `audit heads` prints them")
def audit_verify(heads: TextIO | None) -> None:
    """Name each row that was changed, lost, moved or inserted; reads only. Rows of the last minutes are not chained yet."""
    chosen = settings()
    try:
        known = [audit_chain.Head(tenant, int(n), hash) for tenant, n, hash in map(str.split, heads or ())]
    except ValueError:
        raise click.ClickException("a line of heads is: tenant, number, hash") from None
    found = audit_chain.flaws(store(), chosen.secret, known)
    report(
        [
            f"{tenant}: row {flaw.row or '?'} {FLAWS[flaw.kind]}{f' ({flaw.told})' if flaw.told else ''}"
            for tenant, flaw in found
        ],
        "The audit trail is as it was written.",
    )


@audit.command("heads")
def audit_heads() -> None:
    """Print each tenant's last link, to be kept where whoever can change the database cannot change it."""
    for head in audit_chain.heads(store()):
        click.echo(f"{head.tenant} {head.n} {head.hash}")


@click.command()
def doctor() -> None:
    """Look at everything Skylt needs on this machine, and say what is missing."""
    chosen = settings()
    server = mail.Server(
        chosen.smtp_host, chosen.smtp_port, chosen.smtp_user, chosen.smtp_password, chosen.smtp_starttls
    )
    signs = diagnosis.examine(
        chosen.database_url,
        chosen.assets_dir,
        chosen.tenants_dir,
        chosen.mode,
        clock.now(),
        lambda: mail.probe(server),
    )
    seals = Seals(chosen.keys, chosen.seal_password)
    sellers = load(chosen.tenants_dir, chosen.mode, clock.now()).tenants.values()
    bad = False
    sealing = diagnosis.sealing(seals, sellers, chosen.timestamp_url, chosen.mode, clock.now())
    # The demo's provider stands in for every broker and needs no secret.
    proving = () if chosen.eid_standin else diagnosis.proving(sellers, chosen.sms_url, chosen.eid_secrets, chosen.mode)
    for sign in chain(signs, sealing, proving, diagnosis.prescribed(sellers)):
        bad |= sign.grade == "bad"
        click.echo(f"{sign.grade:<8} {sign.name:<12} {sign.text}")
    if bad:
        sys.exit(1)


@click.command("verify-pdf")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--keys",
    type=click.Path(path_type=Path, exists=True),
    help="the seal's PKCS#12 file or the folder of keys; whom to believe lies there as PEM",
)
@click.option("--sha256", help="the digest that was stored, in hexadecimal")
def verify_pdf(file: Path, keys: Path | None, sha256: str | None) -> None:
    """Say whether a PDF is whole and ours, or what is wrong with it."""
    from webapp.documents.check import check
    from webapp.documents.keys import CannotSeal, Keyring, Trust

    content = file.read_bytes()
    place = keys or _keys()
    try:
        trust = Keyring(place, os.environ.get("SKYLT_SEAL_PASSWORD", "")).trust() if place else Trust(())
    except CannotSeal as unreadable:
        raise click.ClickException(str(unreadable)) from None
    now = clock.now()
    verdict = check(content, trust, now, sha256.lower() if sha256 else None)
    made = _made_here(content, needed=verdict.faults == ("unsealed",))
    if verdict.faults == ("unsealed",) and made is None:
        raise click.ClickException(
            f"{file.name} is not valid: it bears no seal and its bytes are not those of a paper of ours"
        )
    if verdict.faults not in ((), ("unsealed",)):
        raise click.ClickException(f"{file.name} is not valid: {', '.join(WRONG[fault] for fault in verdict.faults)}")
    if verdict.is_valid:
        whose_time = "vouched for by an authority" if verdict.level == "B-T" else "as its sealer says"
        click.echo(f"{file.name} is valid: sealed by {verdict.sealed_by}, {verdict.sealed_at:%Y-%m-%d %H:%M} UTC")
        click.echo(f"({verdict.level}: time {whose_time}), not changed since.")
        if verdict.key_ends and verdict.key_ends < now:
            who = "the authority shows" if verdict.level == "B-T" else "only its sealer says"
            click.echo(f"The certificate ended on {verdict.key_ends:%Y-%m-%d %H:%M} UTC; {who} that the seal is older.")
    else:
        click.echo(f"{file.name} is valid: its bytes are those we have made. It bears no seal.")
    if made is None:
        click.echo("It is not among the papers of this installation.")
        return
    document, shown = made
    click.echo(
        f"{TITLES[shown.kind]} of {document.order}, version {shown.version}, made {shown.made_at:%Y-%m-%d %H:%M} UTC."
    )
    if shown.version < shown.newest:
        click.echo(f"Replaced: there is version {shown.newest}.")
    else:
        click.echo("Replaced: it has been signed since." if shown.was_signed else "It is the latest.")


def _made_here(content: bytes, *, needed: bool) -> tuple[Document, Verified] | None:
    """The paper of these bytes; a seal can be checked on a machine that has no installation."""
    try:
        return staff.recognise(store(), hashlib.sha256(content).hexdigest())
    except click.ClickException:
        if needed:
            raise
        return None


def _keys() -> Path | None:
    """Where the keys lie when nobody says: as configured, else beside the data; None when there are none."""
    place = Path(os.environ.get("SKYLT_SEAL_KEYS") or Path(os.environ.get("SKYLT_DATA_DIR", DEMO)) / "keys")
    return place if place.exists() else None
