"""The operator's tools on the command line; each is a thin door to an operation and holds no rule."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

import click

from webapp import clock
from webapp.domain.market import LANGUAGES
from webapp.domain.people import ROLES
from webapp.domain.problem import Invalid
from webapp.gateways import mail
from webapp.operations import demo_seed, diagnosis, publishing, staff
from webapp.operations.accounts import Accounts, Refused
from webapp.operations.inspection import Seals
from webapp.server import web_command
from webapp.settings import ROOT, Settings, SettingsError
from webapp.store import embedded, proof, schema
from webapp.store.papers import Document
from webapp.store.work import AWAY, Store, Verified
from webapp.tenancy import Finding, load
from webapp.tenancy.models import schemas
from webapp.tenancy.scaffold import new_tenant

DEMO = ROOT / ".demo"


class _Tools(click.Group):
    """A database that is away is no bug of the tool: one line says so."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AWAY as away:
            why = str(getattr(away, "orig", away)).strip().splitlines()[0]
            raise click.ClickException(
                f"the database cannot be reached ({why}); ./run cli doctor looks closer"
            ) from None


@click.group(cls=_Tools, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Tools for whoever runs Skylt. Without SKYLT_* variables they work on the demo in .demo."""


def settings() -> Settings:
    """The installation the environment names, else the demo of this checkout."""
    try:
        if any(name in os.environ for name in ("SKYLT_MODE", "SKYLT_SECRET", "SKYLT_DATABASE_URL")):
            return Settings.from_env()
        return Settings.from_env(_demo_environment())
    except (SettingsError, embedded.EmbeddedDatabaseError) as problem:
        raise click.ClickException(str(problem)) from None


def _demo_environment() -> dict[str, str]:
    mark = DEMO / "demo.env"
    if not mark.exists():
        raise click.ClickException("No SKYLT_* variables and no demo here: see docs/configuration.md or ./run demo")
    told = dict(line.split("=", 1) for line in mark.read_text("utf-8").splitlines())
    if not embedded.running(DEMO / "postgres"):  # between two runs of the demo: only for this command
        embedded.start(DEMO / "postgres")
        click.get_current_context().call_on_close(lambda: embedded.stop(DEMO / "postgres"))
    return told


@cli.command()
def serve() -> None:
    """Serve the web with gunicorn."""
    chosen = settings()
    sys.stdout.flush()
    command = web_command(chosen)
    os.execve(command[0], command, {**os.environ, **chosen.to_env()})  # noqa: S606 - no shell is wanted


@cli.command()
def routes() -> None:
    """Print docs/routes.md: path, methods, who may, fields."""
    from webapp.app import create_app  # the web side is heavy, and no other command wants it
    from webapp.web.routes import as_markdown

    click.echo(as_markdown(create_app(settings())), nl=False)


@cli.group()
def db() -> None:
    """The database: bring up to date, check, stop the embedded one."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Migrate to the newest shape; safe to repeat."""
    schema.upgrade(settings().owner_database_url)
    click.echo(f"The database is at {schema.head()}.")


@db.command("check")
def db_check() -> None:
    """Say what stands against serving from this database."""
    _report(schema.check(settings().database_url), "The database may be served from.")


@db.command("stop")
@click.option("--data", type=click.Path(path_type=Path), default=DEMO, help="the data folder")
def db_stop(data: Path) -> None:
    """Stop the embedded PostgreSQL of a data folder."""
    embedded.stop(data / "postgres")


@cli.command()
def invariants() -> None:
    """Say which promise is broken (docs/invariants.md), for whom and what; reads only."""
    chosen = settings()
    found = proof.broken_promises(Store(chosen.database_url), chosen.secret, clock.now())
    _report([f"{each.promise} {each.tenant} {each.subject}" for each in found], "Every promise holds.")


@cli.group()
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


@audit.command("verify")
@click.option("--heads", type=click.File(), help="heads that were kept, as `audit heads` prints them")
def audit_verify(heads: TextIO | None) -> None:
    """Name each row that was changed, lost, moved or inserted; reads only. Rows of the last minutes are not chained yet."""
    chosen = settings()
    try:
        known = [proof.Head(tenant, int(n), hash) for tenant, n, hash in map(str.split, heads or ())]
    except ValueError:
        raise click.ClickException("a line of heads is: tenant, number, hash") from None
    found = proof.flaws(_store(), chosen.secret, known)
    _report(
        [
            f"{tenant}: row {flaw.row or '?'} {FLAWS[flaw.kind]}{f' ({flaw.told})' if flaw.told else ''}"
            for tenant, flaw in found
        ],
        "The audit trail is as it was written.",
    )


@audit.command("heads")
def audit_heads() -> None:
    """Print each tenant's last link, to be kept where whoever can change the database cannot change it."""
    for head in proof.heads(_store()):
        click.echo(f"{head.tenant} {head.n} {head.hash}")


@cli.group()
def tenants() -> None:
    """The folders of operators and resellers: check, publish, schemas for editors."""


FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=ROOT / "tenants"
)


@tenants.command("check")
@FOLDER
def tenants_check(folder: Path) -> None:
    """Everything that is wrong in tenants/, at once, as the admin page tells it."""
    loaded = load(folder, "production", clock.now())
    for finding in loaded.findings:
        click.echo(_told(finding), err=True)
    if not loaded.is_clean:
        sys.exit(1)
    click.echo(f"{len(loaded.tenants)} tenants are in order: {', '.join(loaded.tenants)}.")


@tenants.command("new")
@click.argument("slug")
@click.option("--name", required=True, help="the name customers will know")
@click.option("--prefix", required=True, help="two capital letters, before order numbers and article codes")
@click.option("--like", default="fjallton", show_default=True, help="the operator to copy, or to sell for")
@click.option("--reseller", is_flag=True, help="sell for that operator rather than be one like it")
@FOLDER
def tenants_new(slug: str, name: str, prefix: str, like: str, reseller: bool, folder: Path) -> None:
    """Begin a tenant's folder; `tenants check` then asks for what only its owner knows."""
    try:
        files = new_tenant(folder, slug, name, prefix, like, reseller)
    except ValueError as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"{len(files)} files in {folder / slug}. Exchange brand/logo.svg, then: ./run cli tenants check")


@tenants.command("publish")
def tenants_publish() -> None:
    """Put every folder without errors in force; a broken one leaves its last good revision serving."""
    chosen = settings()
    store = Store(chosen.database_url)
    findings = publishing.publish(store, chosen.tenants_dir, chosen.mode, clock.now(), chosen.base_url)
    for finding in findings:
        click.echo(_told(finding), err=True)
    if any(finding.is_error for finding in findings):
        sys.exit(1)


@tenants.command("schema")
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
def tenants_schema(target: Path) -> None:
    """Write the JSON Schemas that editors check tenant files by."""
    target.mkdir(parents=True, exist_ok=True)
    for name, schema_of_file in schemas().items():
        file = target / f"{name}.schema.json"
        file.write_text(json.dumps(schema_of_file, indent=2, ensure_ascii=False) + "\n", "utf-8")
        click.echo(file)


@cli.group()
def users() -> None:
    """The accounts of customers and staff: list, add, change, put away."""


@users.command("list")
@click.argument("tenant")
def users_list(tenant: str) -> None:
    """Everybody who can sign in at a tenant."""
    for account, company in _accounts(tenant).listing():
        state = "" if account.active else "  put away"
        where = company.name if company else "staff"
        click.echo(f"{account.email:<40} {account.role:<7} {account.name}, {where}{state}")


@users.command("add")
@click.argument("tenant")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True, help="konto: may order; staff: works for the seller")
@click.option("--company", help="the customer's registration number; none for staff")
@click.option("--language", type=click.Choice(LANGUAGES), required=True)
def users_add(tenant: str, email: str, name: str, role: str, company: str | None, language: str) -> None:
    """A new account; its person chooses a password by the link for lost ones."""
    with _refusing():
        _accounts(tenant).add(email, name, role, language, company)
    click.echo(f"{email} can choose a password at /reset on {tenant}'s own host.")


@users.command("role")
@click.argument("tenant")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def users_role(tenant: str, email: str, role: str) -> None:
    """What somebody may do from now on."""
    with _refusing():
        _accounts(tenant).set_role(email, role)


@users.command("password")
@click.argument("tenant")
@click.argument("email")
def users_password(tenant: str, email: str) -> None:
    """Set a password, asked for or read as a line; ends all sessions of the account."""
    asked = sys.stdin.isatty()
    given = click.prompt("New password", hide_input=True, confirmation_prompt=True) if asked else sys.stdin.readline()
    with _refusing():
        _accounts(tenant).set_password(email, given.rstrip("\n"))


@users.command("deactivate")
@click.argument("tenant")
@click.argument("email")
@click.option("--undo", is_flag=True, help="let the account in again")
def users_deactivate(tenant: str, email: str, undo: bool) -> None:
    """Put an account away: nobody signs in with it, and its sessions end."""
    with _refusing():
        _accounts(tenant).set_active(email, undo)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    except Invalid as invalid:
        raise click.ClickException(f"that cannot be taken: {invalid.problem.code}") from None


def _accounts(tenant: str) -> Accounts:
    store = Store(settings().database_url, pool_size=1)
    click.get_current_context().call_on_close(store.close)
    if tenant not in store.tenants():
        raise click.ClickException(f"no tenant {tenant}; there are {', '.join(store.tenants()) or 'none yet'}")
    return Accounts(store, tenant, "cli", clock.now())


@cli.command()
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
    for sign in chain(signs, sealing, proving):
        bad |= sign.grade == "bad"
        click.echo(f"{sign.grade:<8} {sign.name:<12} {sign.text}")
    if bad:
        sys.exit(1)


@cli.command("verify-pdf")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--keys",
    type=click.Path(path_type=Path, exists=True),
    help="the seal's PKCS#12 file or the folder of keys; whom to believe lies there as PEM",
)
@click.option("--sha256", help="the digest that was stored, in hexadecimal")
def verify_pdf(file: Path, keys: Path | None, sha256: str | None) -> None:
    """Say whether a PDF is whole and ours, or what is wrong with it."""
    from webapp.documents.check import check  # heavy, and no other command wants it
    from webapp.documents.keys import CannotSeal, Keyring, Trust

    content = file.read_bytes()
    place = keys or _keys()
    try:
        trust = Keyring(place, os.environ.get("SKYLT_SEAL_PASSWORD", "")).trust() if place else Trust(())
    except CannotSeal as unreadable:
        raise click.ClickException(str(unreadable)) from None
    verdict = check(content, trust, clock.now(), sha256.lower() if sha256 else None)
    made = _made_here(content, needed=verdict.faults == ("unsealed",))
    if verdict.faults == ("unsealed",) and made is None:
        raise click.ClickException(
            f"{file.name} is not valid: it bears no seal and its bytes are not those of a paper of ours"
        )
    if verdict.faults not in ((), ("unsealed",)):
        raise click.ClickException(f"{file.name} is not valid: {', '.join(verdict.faults)}")
    if verdict.is_valid:
        whose_time = "vouched for by an authority" if verdict.level == "B-T" else "as its sealer says"
        click.echo(f"{file.name} is valid: sealed by {verdict.sealed_by}, {verdict.sealed_at:%Y-%m-%d %H:%M} UTC")
        click.echo(f"({verdict.level}: time {whose_time}), not changed since.")
    else:
        click.echo(f"{file.name} is valid: its bytes are those we have made. It bears no seal.")
    if made is None:
        click.echo("It is not among the papers of this installation.")
        return
    document, shown = made
    click.echo(f"{shown.kind} of {document.order}, version {shown.version}, made {shown.made_at:%Y-%m-%d %H:%M} UTC.")
    if shown.was_signed:
        click.echo("Replaced: it has been signed since.")
    else:
        click.echo("It is the latest." if shown.is_newest else f"Replaced: there is version {shown.newest}.")


def _made_here(content: bytes, *, needed: bool) -> tuple[Document, Verified] | None:
    """The paper of these bytes; a seal can be checked on a machine that has no installation."""
    try:
        return staff.recognise(_store(), hashlib.sha256(content).hexdigest())
    except click.ClickException:
        if needed:
            raise
        return None


def _keys() -> Path | None:
    """Where the keys lie when nobody says: as configured, else beside the data; None when there are none."""
    place = Path(os.environ.get("SKYLT_SEAL_KEYS") or Path(os.environ.get("SKYLT_DATA_DIR", DEMO)) / "keys")
    return place if place.exists() else None


@cli.group()
def orders() -> None:
    """Orders: how far one has come."""


@orders.command("show")
@click.argument("tenant")
@click.argument("ref")
def orders_show(tenant: str, ref: str) -> None:
    """One order's lines, papers and mails; no names, no numbers."""
    found = staff.look(_store(), tenant, ref)
    if found is None:
        raise click.ClickException(f"{tenant} has no order {ref}")
    page, progress = found
    click.echo(f"{ref} {page.label}, placed {page.order.placed_at:%Y-%m-%d %H:%M} UTC, {len(page.order.lines)} lines")
    for n, line in sorted(page.states.items()):
        click.echo(f"  line {n}: {line.state}{f' ({line.failure})' if line.failure else ''}")
    for planned, document in progress.papers:
        state = f"{document.size} bytes, SHA-256 {document.sha256}" if document else "not made yet"
        click.echo(f"  {planned.kind} {planned.number}: {'failed' if planned.number in progress.failed else state}")
    for each in progress.mails:
        click.echo(f"  mail {each.kind}: {each.sent} of {each.total} sent, {each.failed} refused")


@cli.group()
def jobs() -> None:
    """The queue: what waits, what is being done, what failed; have it tried again."""


@jobs.command("list")
@click.option("--failed", is_flag=True, help="only what will not be tried again by itself")
def jobs_list(failed: bool) -> None:
    """Every tenant's jobs that are not done: number, state, tries, kind and what they are about."""
    for tenant, job in staff.jobs(_store(), ("failed",) if failed else ("todo", "doing", "failed")):
        click.echo(f"{job.number}\t{job.status}\t{job.attempts}\t{tenant}\t{job.kind}\t{job.id}")


@jobs.command("retry")
@click.argument("tenant")
@click.argument("number", type=int, required=False)
def jobs_retry(tenant: str, number: int | None) -> None:
    """Have a failed job of a tenant run again, or all of them when no number is given."""
    count = staff.retry_failed(_store(), tenant, number, clock.now())
    if number is not None and not count:
        raise click.ClickException(f"{tenant} has no failed job {number}")
    click.echo(f"{count} jobs run again.")


def _store() -> Store:
    store = Store(settings().database_url, pool_size=1)
    click.get_current_context().call_on_close(store.close)
    return store


@cli.group()
def demo() -> None:
    """The demo's customers and people."""


@demo.command("seed")
def demo_fill() -> None:
    """Give the demo tenants their customers; does nothing where there are some."""
    chosen = settings()
    if not chosen.demo:
        raise click.ClickException("this installation is no demo; invented customers have no place in it")
    store = Store(chosen.database_url, pool_size=1)
    click.get_current_context().call_on_close(store.close)
    fresh = demo_seed.seed(store, publishing.current(store), clock.now())
    click.echo(f"Seeded: {', '.join(fresh) or 'nobody, all were'}. The password is {demo_seed.PASSWORD}.")


def _told(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    guess = f" Did you mean {finding.did_you_mean}?" if finding.did_you_mean else ""
    return f"{place} {finding.key}\n  {finding.severity}: {finding.what} {finding.why} {finding.how}{guess}"


def _report(findings: list[str], all_well: str) -> None:
    for finding in findings:
        click.echo(finding, err=True)
    if findings:
        sys.exit(1)
    click.echo(all_well)


if __name__ == "__main__":
    cli(prog_name="./run cli")
