"""The accounts of customers and staff, by command; shows no password and sends no mail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from webapp import clock
from webapp.cli.installation import store
from webapp.domain.market import LANGUAGES
from webapp.domain.people import ROLES
from webapp.domain.problem import Invalid
from webapp.operations.people.accounts import AccountRefused, Accounts


@click.group()
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
    except AccountRefused as refused:
        raise click.ClickException(str(refused)) from None
    except Invalid as invalid:
        raise click.ClickException(f"that cannot be taken: {invalid.problem.code}") from None


def _accounts(tenant: str) -> Accounts:
    opened = store()
    if tenant not in opened.tenants():
        raise click.ClickException(f"no tenant {tenant}; there are {', '.join(opened.tenants()) or 'none yet'}")
    return Accounts(opened, tenant, "cli", clock.now())
