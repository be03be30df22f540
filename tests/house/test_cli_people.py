"""The operator's tools for people and machines say what they did, refuse what makes no sense, and keep tenants apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.age_audit_rows import settle
from tests.documents.sealing import made_keyring
from tests.own_tenants import OWN_TENANTS
from webapp import clock
from webapp.cli import cli
from webapp.documents.own_ca import Holder
from webapp.gateways.mail_standin import MailStandin
from webapp.operations.desk import diagnosis
from webapp.operations.people import passwords
from webapp.operations.platform import demo_seed
from webapp.operations.tenants import publishing
from webapp.settings import ROOT, Settings
from webapp.store import audit_chain
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.tenancy.revision import tenant_to_json

Tool = Callable[..., Result]


@pytest.fixture
def tool(fresh_databases: Databases, mailbox: MailStandin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    """Runs a command on an installation with the demo's people."""
    settings = Settings(
        "demo", fresh_databases.app_url, fresh_databases.owner_url, "s" * 40, data_dir=tmp_path, smtp_port=mailbox.port
    )
    for name, value in settings.to_env().items():
        monkeypatch.setenv(name, value)
    store = Store(fresh_databases.app_url, pool_size=1)
    publishing.publish(store, OWN_TENANTS, "demo", clock.now())
    demo_seed.seed(store, publishing.current(store), clock.now())
    store.close()
    return lambda *words, **more: CliRunner().invoke(cli, [str(word) for word in words], **more)


def test_people_are_added_changed_and_put_away(tool: Tool, fresh_databases: Databases) -> None:
    add = ("users", "add", "fjallton", "Nils@granitgran.example", "--name", "Nils Ek", "--language", "sv")
    done = tool(*add, "--role", "konto", "--company", "SE559999001601")
    assert done.exit_code == 0, done.output
    assert "/reset" in done.output
    assert tool("users", "role", "fjallton", "nils@granitgran.example", "owner").exit_code == 0
    assert tool("users", "password", "fjallton", "nils@granitgran.example", input="a long password\n").exit_code == 0
    listed = tool("users", "list", "fjallton").output
    assert "nils@granitgran.example" in listed and "Granit & Gran AB" in listed
    assert "nils" not in tool("users", "list", "skarvox").output

    store = Store(fresh_databases.app_url, pool_size=1)
    with store.work(Scope("fjallton", None, "test")) as work:
        account = work.people.by_email("nils@granitgran.example")
        assert account and account.role == "owner"
        assert passwords.matches("a long password", account.password_hash)
        work.sessions.open(account, b"token", clock.now())
    assert store.person_by_session("fjallton", b"token")
    assert tool("users", "deactivate", "fjallton", "nils@granitgran.example").exit_code == 0
    assert not store.person_by_session("fjallton", b"token")
    assert "put away" in tool("users", "list", "fjallton").output
    assert tool("users", "deactivate", "fjallton", "nils@granitgran.example", "--undo").exit_code == 0
    store.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("users", "list", "nordlys"), "no tenant nordlys; there are"),
        (("users", "role", "fjallton", "nobody@x.example", "owner"), "nobody at fjallton signs in as"),
        (("users", "role", "fjallton", "owner@fjallton.example", "staff"), "staff belong to no company"),
        (("users", "role", "fjallton", "operator@fjallton.example", "owner"), "staff belong to no company"),
        (("users", "password", "fjallton", "owner@fjallton.example"), "a password has 12 to"),
        (
            (
                "users",
                "add",
                "fjallton",
                "OWNER@fjallton.example",
                "--name",
                "X",
                "--role",
                "staff",
                "--language",
                "sv",
            ),
            "has an account at fjallton already",
        ),
        (
            ("users", "add", "fjallton", "no address", "--name", "X", "--role", "staff", "--language", "sv"),
            "email.shape",
        ),
        (
            (
                *("users", "add", "fjallton", "x@x.example", "--name", "X", "--role", "konto", "--language", "sv"),
                *("--company", "559999-0032"),  # Skärvox's customer
            ),
            "fjallton has no customer 559999-0032",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(tool: Tool, words: tuple[str, ...], said: str) -> None:
    done = tool(*words, input="short\n")
    assert done.exit_code == 1
    assert said in done.output


def test_the_doctor_names_what_is_missing(tool: Tool, mailbox: MailStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    done = tool("doctor")
    assert done.exit_code == 1 and "bad      seals        trust.missing" in done.output
    keys = made_keyring({slug: Holder(slug, "SE") for slug in ("fjallton", "baeltkom", "klitfon")}, at=clock.now())
    monkeypatch.setenv("SKYLT_SEAL_KEYS", str(keys.place))
    monkeypatch.setenv("SKYLT_SEAL_PASSWORD", keys.password)
    done = tool("doctor")
    assert done.exit_code == 0, done.output
    assert "ok       seal fjallton" in done.output and keys.password not in done.output
    for name in ("python", "papers", "database", "roles", "published", "tenants", "mail server"):
        assert f" {name} " in done.output
    assert "warning  worker" in done.output
    monkeypatch.setenv("SKYLT_SMTP_PORT", "1")
    done = tool("doctor")
    assert done.exit_code == 1
    assert "bad      mail server  127.0.0.1:1 cannot be used" in done.output


def test_a_key_that_is_not_there_is_told_at_check_and_publish(tool: Tool, tmp_path: Path) -> None:
    keys = made_keyring({slug: Holder(slug, "SE") for slug in ("fjallton", "klitfon")}, at=clock.now())
    there = {"SKYLT_SEAL_KEYS": str(keys.place), "SKYLT_SEAL_PASSWORD": keys.password}
    for verb in ("check", "publish"):
        done = tool("tenants", verb, env=there)
        assert done.exit_code == 0, done.output  # other tenants, and its orders, need not wait
        assert "seal baeltkom\n  warning: key.missing: there is no key file for baeltkom" in done.output
        assert "Papers of baeltkom need it" in done.output and "seal fjallton" not in done.output


def test_the_doctor_names_ways_to_sign_that_lead_nowhere(tool: Tool) -> None:
    done = tool("doctor")
    assert "warning  sms          SKYLT_SMS_URL is not set: baeltkom cannot" in done.output
    assert "warning  eid          SKYLT_EID_SECRET_FJALLTON is not set" in done.output
    told = {"SKYLT_SMS_URL": "http://sms", "SKYLT_EID_SECRET_FJALLTON": "hush", "SKYLT_EID_SECRET_KLITFON": "hush"}
    done = tool("doctor", env=told)
    assert "ok       sms " in done.output and "ok       eid " in done.output and "hush" not in done.output
    done = tool("doctor", env={"SKYLT_EID_STANDIN": "http://127.0.0.1:9"})
    assert "SKYLT_EID_SECRET" not in done.output, "the demo needs no secrets"


def test_the_doctor_sees_a_role_that_passes_the_walls(tool: Tool, fresh_databases: Databases) -> None:
    done = tool("doctor", env={"SKYLT_DATABASE_URL": fresh_databases.owner_url, "SKYLT_OWNER_DATABASE_URL": "x"})
    assert done.exit_code == 1
    assert "bad      roles" in done.output


def test_the_doctor_outlives_a_database_that_is_away(tool: Tool) -> None:
    done = tool("doctor", env={"SKYLT_DATABASE_URL": "postgresql+psycopg://a@127.0.0.1:1/x"})
    assert done.exit_code == 1
    assert "bad      database" in done.output
    assert "mail server" in done.output


def test_an_old_python_is_told_with_our_own_guard() -> None:
    assert diagnosis.python((3, 13, 1)).grade == "ok"
    sign = diagnosis.python((3, 12, 1))
    assert sign.grade == "warning"
    assert "CVE-2024-6923" in sign.text
    assert (ROOT / "webapp/gateways/mail.py").exists() and "webapp/gateways/mail.py" in sign.text


def test_seeding_twice_changes_nothing_and_production_is_never_seeded(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = tool("demo", "seed")
    assert done.exit_code == 0, done.output
    assert "nobody, all were" in done.output
    monkeypatch.setenv("SKYLT_MODE", "production")
    monkeypatch.delenv(clock.VARIABLE, raising=False)  # which production refuses before anything else
    done = tool("demo", "seed")
    assert done.exit_code == 1
    assert "no demo" in done.output


@pytest.mark.parametrize(
    "words", ["db check", "invariants", "users list fjallton", "orders show fjallton FJ-X", "jobs list", "demo seed"]
)
def test_a_database_that_is_away_is_told_in_one_line(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "postgresql://skylt_{}@127.0.0.1:9/skylt"
    settings = Settings("demo", nowhere.format("app"), nowhere.format("owner"), "s" * 40)
    for name, value in settings.to_env().items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(cli, words.split())
    assert told.exit_code == 1 and "database cannot be reached" in told.output, told.exception
    assert len(told.output.splitlines()) == 1


def test_the_audit_trail_is_verified_and_its_head_kept(tool: Tool, fresh_databases: Databases, tmp_path: Path) -> None:
    with psycopg.connect(conninfo(fresh_databases.owner_url), autocommit=True) as owner:
        settle(owner.execute)
    store = Store(fresh_databases.app_url, pool_size=1)
    for tenant in store.tenants():
        audit_chain.extend_chain(store, tenant, "s" * 40)
    store.close()
    done = tool("audit", "verify")
    assert done.exit_code == 0 and "as it was written" in done.output
    heads = tmp_path / "heads"
    heads.write_text(tool("audit", "heads").output, "utf-8")
    assert len(heads.read_text().splitlines()) == 4 and tool("audit", "verify", "--heads", heads).exit_code == 0
    with psycopg.connect(conninfo(fresh_databases.owner_url), autocommit=True) as owner:
        changed = "update audit set actor = 'nobody' where what = 'demo.seeded' and tenant = 'klitfon' returning id"
        [(id,)] = owner.execute(changed).fetchall()
    told = tool("audit", "verify")
    assert told.exit_code == 1 and f"klitfon: row {id} was changed (demo.seeded klitfon" in told.output
    heads.write_text("klitfon 1", "utf-8")
    assert tool("audit", "verify", "--heads", heads).exit_code == 1


def test_an_agreement_that_went_missing_is_told_by_doctor_and_invariants(
    tool: Tool, fresh_databases: Databases
) -> None:
    assert "I14" not in tool("invariants").output
    store = Store(fresh_databases.app_url, pool_size=1)
    fjallton = next(tenant for tenant in publishing.current(store) if tenant.slug == "fjallton")
    with store.work(Scope("fjallton", None, "test")) as work:
        without = tenant_to_json(replace(fjallton, agreements={}))
        work.revisions.publish("without", without, now=clock.now())
    store.close()
    assert "I14 fjallton FJ-RAM" in tool("invariants").output
    line = next(line for line in tool("doctor").output.splitlines() if "FJ-RAM" in line)
    assert line.startswith("bad")


def test_check_and_publish_refuse_a_folder_without_an_agreement_that_a_customer_has(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "tenants"
    shutil.copytree(OWN_TENANTS, folder)
    (folder / "fjallton/agreements/FJ-RAM").rename(folder / "fjallton/agreements/FJ-RAM2")
    monkeypatch.setenv("SKYLT_TENANTS_DIR", str(folder))
    for words in (("tenants", "check", "--folder", folder), ("tenants", "publish")):
        done = tool(*words)
        assert done.exit_code == 1 and "tenants/fjallton/agreements/FJ-RAM" in done.output, done.output
