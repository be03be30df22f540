"""An installation that is set up wrongly says so before it serves."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import procrastinate
import pytest

from tests.builders import NOW
from webapp import clock, faults
from webapp.gateways.errors import Temporary
from webapp.jobs.registry import Patience
from webapp.settings import EID_PREFIX, OTHERS, ROOT, Settings, SettingsError, variable

GOOD = {
    "SKYLT_SECRET": "s" * 40,
    "SKYLT_DATABASE_URL": "postgresql+psycopg://skylt_app@/skylt",
    "SKYLT_OWNER_DATABASE_URL": "postgresql+psycopg://skylt_owner@/skylt",
    "SKYLT_SMTP_HOST": "smtp.example",
}


def test_production_is_the_default() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.mode == "production"
    assert settings.secure


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SKYLT_SECRET": ""}, "SKYLT_SECRET"),
        ({"SKYLT_SECRET": "short"}, "SKYLT_SECRET"),
        ({"SKYLT_SMTP_HOST": ""}, "SKYLT_SMTP_HOST"),
        ({"SKYLT_FAULTS": "placed=kill9"}, "SKYLT_FAULTS"),
        ({"SKYLT_CLOCK_AHEAD": "60"}, "SKYLT_CLOCK_AHEAD"),
        ({"SKYLT_MAIL_DIR": "/mail"}, "SKYLT_MAIL_DIR"),
        ({"SKYLT_SMS_DIR": "/sms"}, "SKYLT_SMS_DIR"),
        ({"SKYLT_SMS_URL": "http://sms.example"}, "https only"),
        ({"SKYLT_EID_STANDIN": "http://127.0.0.1:9"}, "SKYLT_EID_STANDIN"),
        ({"SKYLT_DATABASE_URL": ""}, "set both or none"),
        ({"SKYLT_DATABASE_URL": GOOD["SKYLT_OWNER_DATABASE_URL"]}, "as the owner"),
        ({"SKYLT_PORT": "８０"}, "SKYLT_PORT"),
        ({"SKYLT_MODE": "demonstration"}, "SKYLT_MODE"),
        ({"SKYLT_SMTP_STARTTLS": "yes"}, "SKYLT_SMTP_STARTTLS"),
        ({"SKYLT_SMTP_HOTS": "smtp.example"}, "SKYLT_SMTP_HOTS: no such setting"),
    ],
)
def test_production_refuses(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)):
        Settings.from_env(GOOD | change)


def test_all_findings_come_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(GOOD | {"SKYLT_SECRET": "", "SKYLT_PORT": "x"})
    assert "SKYLT_SECRET" in str(refused.value)
    assert "SKYLT_PORT" in str(refused.value)


def test_a_child_process_reads_the_same_settings() -> None:
    settings = Settings(
        "demo", "app", "owner", "s" * 40, mail_dir=Path("/mail"), smtp_starttls=True, port=1,
        eid_secrets={"SKYLT_EID_SECRET_ALFA": "hush"},
    )  # fmt: skip
    assert Settings.from_env(settings.to_env()) == settings


SECRETS = ("SKYLT_SMTP_PASSWORD", "SKYLT_SEAL_PASSWORD", "SKYLT_SMS_TOKEN", "SKYLT_EID_SECRET_ALFA")


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings.from_env(GOOD | dict.fromkeys(SECRETS, "hush")))
    assert "ssss" not in shown
    assert "hush" not in shown
    assert "postgresql" not in shown


@pytest.mark.check
def test_every_variable_is_told() -> None:
    told = set(re.findall(r"SKYLT_[A-Z_]+", (ROOT / "docs" / "configuration.md").read_text("utf-8")))
    named = {EID_PREFIX if each.name == "eid_secrets" else variable(each.name) for each in fields(Settings)}
    assert told - {"SKYLT_"} == named | OTHERS


@pytest.mark.check
def test_the_example_holds_only_what_exists() -> None:
    used = set(re.findall(r"^(SKYLT_\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert used <= {variable(each.name) for each in fields(Settings)}


def test_fault_points_act_in_test_mode_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYLT_FAULTS", "here=raise")
    faults.point("elsewhere")
    with pytest.raises(faults.InjectedFault, match="here"):
        faults.point("here")
    monkeypatch.setenv("SKYLT_MODE", "production")
    faults.point("here")


def test_only_demo_and_tests_live_at_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "libraries", timedelta())
    monkeypatch.setenv(clock.VARIABLE, str(366 * 24 * 3600))
    for mode, days in (("production", 0), ("demo", 366), ("test", 366)):
        monkeypatch.setenv("SKYLT_MODE", mode)
        assert round((clock.now() - clock.machine()) / timedelta(days=1), 3) == days


def test_what_the_queue_compares_with_its_own_time_is_told_in_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "libraries", timedelta())
    monkeypatch.setenv("SKYLT_MODE", "test")
    clock_says = clock.machine()
    monkeypatch.setenv(clock.VARIABLE, str(5 * 366 * 24 * 3600))
    job = procrastinate.jobs.Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=0)
    again = Patience().get_retry_decision(exception=Temporary("away"), job=job)
    assert again is not None and again.retry_at is not None
    assert timedelta() < again.retry_at - clock_says < timedelta(minutes=5)
    assert clock.from_database(clock.in_database(NOW)) == NOW
