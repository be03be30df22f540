"""What an installation is told by its environment; it decides nothing that belongs to a tenant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from webapp import faults
from webapp.store import embedded

Mode = Literal["demo", "test", "production"]
ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32


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
    seal_file: Path | None = (
        None  # PKCS#12 with the key that seals papers; without it one is made in data_dir
    )
    seal_password: str = field(default="", repr=False)

    @property
    def demo(self) -> bool:
        return self.mode == "demo"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https: cookies and absolute URLs follow."""
        return self.mode == "production"

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read SKYLT_*; all findings at once. Without a database URL the embedded PostgreSQL is started."""
        reader = _Reader(os.environ if environment is None else environment)
        mode = cast(Mode, reader.choice("SKYLT_MODE", get_args(Mode), "production"))
        data_dir = reader.path("SKYLT_DATA_DIR", None) or cls.data_dir
        secret = reader.text("SKYLT_SECRET", "")
        mail_dir = reader.path("SKYLT_MAIL_DIR", None)
        if len(secret) < SHORTEST_SECRET:
            reader.problems.append(f"SKYLT_SECRET: at least {SHORTEST_SECRET} characters are needed")
        if mode == "production":
            if mail_dir:
                reader.problems.append("SKYLT_MAIL_DIR: a mail catcher is for the demo; unset it")
            if reader.text(faults.VARIABLE, ""):
                reader.problems.append(f"{faults.VARIABLE}: fault points are for tests; unset it")
            if not reader.text("SKYLT_SMTP_HOST", ""):
                reader.problems.append("SKYLT_SMTP_HOST: name the server that sends mail")
        urls = [reader.text(name, "") for name in ("SKYLT_DATABASE_URL", "SKYLT_OWNER_DATABASE_URL")]
        if any(urls) and not all(urls):
            reader.problems.append("SKYLT_DATABASE_URL and SKYLT_OWNER_DATABASE_URL: set both or none")
        if urls[0] and urls[0] == urls[1]:
            reader.problems.append(
                "SKYLT_DATABASE_URL: must not sign in as the owner; see docs/configuration.md"
            )
        values: dict[str, Any] = {
            "tenants_dir": reader.path("SKYLT_TENANTS_DIR", cls.tenants_dir),
            "assets_dir": reader.path("SKYLT_ASSETS_DIR", cls.assets_dir),
            "host": reader.text("SKYLT_HOST", cls.host),
            "port": reader.number("SKYLT_PORT", cls.port),
            "proxy_hops": reader.number("SKYLT_PROXY_HOPS", cls.proxy_hops),
            "web_workers": reader.number("SKYLT_WEB_WORKERS", cls.web_workers),
            "web_threads": reader.number("SKYLT_WEB_THREADS", cls.web_threads),
            "job_threads": reader.number("SKYLT_JOB_THREADS", cls.job_threads),
            "smtp_host": reader.text("SKYLT_SMTP_HOST", cls.smtp_host),
            "smtp_port": reader.number("SKYLT_SMTP_PORT", cls.smtp_port),
            "smtp_user": reader.text("SKYLT_SMTP_USER", ""),
            "smtp_password": reader.text("SKYLT_SMTP_PASSWORD", ""),
            "smtp_starttls": reader.choice("SKYLT_SMTP_STARTTLS", ("0", "1"), "0") == "1",
            "seal_file": reader.path("SKYLT_SEAL_FILE", None),
            "seal_password": reader.text("SKYLT_SEAL_PASSWORD", ""),
        }
        reader.refuse_unknown()
        if reader.problems:
            raise SettingsError("The environment cannot be used:\n  " + "\n  ".join(reader.problems))
        if not urls[0]:
            databases = embedded.start(data_dir / "postgres")
            urls = [databases.app_url, databases.owner_url]
        return cls(mode, urls[0], urls[1], secret, data_dir, mail_dir=mail_dir, **values)


class _Reader:
    """Typed reads that collect what is wrong instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.known = {faults.VARIABLE}
        self.problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        self.known.add(name)
        return self.environment.get(name, "").strip() or default

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value in choices:
            return value
        self.problems.append(f"{name}: one of {', '.join(choices)}, not {value!r}")
        return default

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit():
            return int(value)
        self.problems.append(f"{name}: a whole number, not {value!r}")
        return default

    def path(self, name: str, default: Path | None) -> Path | None:
        value = self.text(name, "")
        return Path(value).expanduser().absolute() if value else default

    def refuse_unknown(self) -> None:
        """A misspelt variable would otherwise be silence where somebody expects an effect."""
        strangers = {name for name in self.environment if name.startswith("SKYLT_")} - self.known - TEST_ONLY
        self.problems += [f"{name}: no such setting" for name in sorted(strangers)]


TEST_ONLY = {"SKYLT_CHROMIUM", "SKYLT_TEST_FULL", "SKYLT_TEST_CLUSTER"}
