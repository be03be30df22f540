"""What an installation is told by its environment; it decides nothing that belongs to a tenant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from webapp import clock, faults
from webapp.places import ROOT as ROOT
from webapp.store.platform import embedded

Mode = Literal["demo", "test", "production"]
SHORTEST_SECRET = 32
EID_PREFIX = "SKYLT_EID_SECRET_"  # and a name: what a tenant's [signing.eid] may call its client secret
OTHERS = {faults.VARIABLE, clock.VARIABLE, "SKYLT_CHROMIUM", "SKYLT_TEST_FULL", "SKYLT_TEST_CLUSTER"}  # read elsewhere


class SettingsError(ValueError):
    """The environment cannot be used; the message lists everything that is wrong."""


@dataclass(frozen=True)
class Settings:
    """One process's settings. Defaults are those of a production machine behind one reverse proxy."""

    mode: Mode
    database_url: str = field(repr=False)  # the application role: row-level security binds it
    owner_database_url: str = field(repr=False)  # migrates; never used to serve
    secret: str = field(repr=False)
    data_dir: Path = ROOT / "data"
    tenants_dir: Path = ROOT / "tenants"
    assets_dir: Path = ROOT / ".assets"
    host: str = "127.0.0.1"
    port: int = 8000
    proxy_hops: int = 0
    web_workers: int = 2
    web_threads: int = 8
    job_threads: int = 2
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_starttls: bool = False
    mail_dir: Path | None = None  # demo and tests: where the catcher lays down what was sent
    sms_url: str = ""  # the gateway that takes text messages
    sms_token: str = field(default="", repr=False)
    sms_dir: Path | None = None  # demo and tests: where its stand-in lays down what was sent
    eid_standin: str = ""  # demo and tests: the provider that stands in for every tenant's broker
    eid_secrets: dict[str, str] = field(default_factory=dict, repr=False)  # by variable, all that begin EID_PREFIX
    seal_keys: Path | None = None  # PKCS#12, or a folder of them by name; whom to believe lies beside as PEM
    seal_password: str = field(default="", repr=False)
    timestamp_url: str = ""  # the RFC 3161 authority; without one seals say the time themselves (B-B)

    @property
    def keys(self) -> Path:
        """Where the keys lie that seal papers."""
        return self.seal_keys or self.data_dir / "keys"

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https: cookies and absolute URLs follow."""
        return self.mode == "production"

    @property
    def base_url(self) -> str:
        """How links to a tenant begin; {host} becomes its first host."""
        return "https://{host}" if self.secure else f"http://{{host}}:{self.port}"

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read SKYLT_*; all findings at once. Without a database URL the embedded PostgreSQL is started."""
        values, problems = _read(environment)
        problems += _refusals(values, environment)
        if problems:
            raise SettingsError("The environment cannot be used:\n  " + "\n  ".join(problems))
        if "database_url" not in values:
            databases = embedded.start(values.get("data_dir", cls.data_dir) / "postgres")
            values |= {"database_url": databases.app_url, "owner_database_url": databases.owner_url}
        return cls(**values)

    def to_env(self) -> dict[str, str]:
        """The variables from which a child process reads these very settings."""
        values = {variable(each.name): getattr(self, each.name) for each in fields(self) if each.name != "eid_secrets"}
        texts = {name: str(int(value) if isinstance(value, bool) else value) for name, value in values.items()}
        return {name: text for name, text in texts.items() if values[name] is not None and text} | self.eid_secrets


def variable(name: str) -> str:
    """The environment variable that sets a field."""
    return f"SKYLT_{name.upper()}"


def _read(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    hints, problems = get_type_hints(Settings), list[str]()
    values: dict[str, Any] = {"mode": "production"}
    names = {variable(each.name): each.name for each in fields(Settings) if each.name != "eid_secrets"}
    values["eid_secrets"] = {key: text.strip() for key, text in environment.items() if key.startswith(EID_PREFIX)}
    for key in sorted(key for key in environment if key.startswith("SKYLT_") and not key.startswith(EID_PREFIX)):
        text = environment[key].strip()
        if key not in names:
            # A misspelt variable would be silence where somebody expects an effect.
            problems += [] if key in OTHERS else [f"{key}: no such setting"]
        elif text:
            try:
                values[names[key]] = _parse(hints[names[key]], text)
            except ValueError as wrong:
                problems.append(f"{key}: {wrong}")
    return values, problems


def _parse(kind: Any, text: str) -> Any:
    if kind is int:
        if text.isascii() and text.isdigit():
            return int(text)
        raise ValueError(f"a whole number, not {text!r}")
    if kind is bool:
        if text in ("0", "1"):
            return text == "1"
        raise ValueError(f"0 or 1, not {text!r}")
    if kind is Mode:
        if text in get_args(Mode):
            return text
        raise ValueError(f"one of {', '.join(get_args(Mode))}, not {text!r}")
    return text if kind is str else Path(text).expanduser().absolute()


def _refusals(values: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """What is well-formed and still must not run."""
    problems = []
    if len(values.get("secret", "")) < SHORTEST_SECRET:
        problems.append(f"SKYLT_SECRET: at least {SHORTEST_SECRET} characters are needed")
    url, owner_url = values.get("database_url"), values.get("owner_database_url")
    if (url is None) != (owner_url is None):
        problems.append("SKYLT_DATABASE_URL and SKYLT_OWNER_DATABASE_URL: set both or none")
    if url and url == owner_url:
        problems.append("SKYLT_DATABASE_URL: must not sign in as the owner; see docs/configuration.md")
    if (authority := values.get("timestamp_url", "")) and not authority.startswith(("http://", "https://")):
        problems.append("SKYLT_TIMESTAMP_URL: an address that begins with http:// or https:// is needed")
    if values["mode"] == "production":
        if values.get("mail_dir"):
            problems.append("SKYLT_MAIL_DIR: the mail catcher is for demo and tests; unset it")
        if values.get("sms_dir"):
            problems.append("SKYLT_SMS_DIR: the stand-in for text messages is for demo and tests; unset it")
        if values.get("eid_standin"):
            problems.append("SKYLT_EID_STANDIN: it lets anybody be anybody and is for demo and tests; unset it")
        if (url := values.get("sms_url", "")) and not url.startswith("https://"):
            problems.append("SKYLT_SMS_URL: codes that sign papers go over https only")
        if environment.get(faults.VARIABLE):
            problems.append(f"{faults.VARIABLE}: fault points are for tests; unset it")
        if environment.get(clock.VARIABLE):
            problems.append(f"{clock.VARIABLE}: only demo and tests live at another time; unset it")
        if not values.get("smtp_host"):
            problems.append("SKYLT_SMTP_HOST: name the server that sends mail")
    return problems
