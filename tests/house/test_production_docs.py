"""What docs/production.md says to type is typed here: it leads to a database that may be served from, and to settings that hold."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from webapp.settings import ROOT, Settings
from webapp.store.platform import embedded, schema
from webapp.web.request_guard import _DRAINED

PAGE = (ROOT / "docs/production.md").read_text("utf-8")
FILES = ROOT / "docs/production"


def test_the_sql_makes_a_database_that_may_be_served_from(tmp_path: Path) -> None:
    sql = re.search(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert sql
    before, connect, after = sql[1].partition("\\c skylt\n")
    assert connect
    place = embedded.place_of(tmp_path / "postgres")
    cluster = embedded._cluster(place, lambda what: None)
    try:
        with embedded._locked(place):
            embedded._initialise(cluster)
            embedded._serve(cluster, embedded.UNSAFE_BUT_QUICK)
        for database, statements in (("postgres", before), ("skylt", after)):
            with cluster.connect(database) as connection:
                for statement in filter(str.strip, statements.split(";")):
                    connection.execute(statement.encode())
        made = cluster.databases("skylt")
        schema.upgrade(made.owner_url)
        assert schema.check(made.app_url) == []
    finally:
        embedded.remove(tmp_path / "postgres")


def test_the_example_of_settings_holds_when_it_is_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = SourceFileLoader("run_of_docs", str(ROOT / "run"))
    spec = spec_from_loader("run_of_docs", loader)
    assert spec is not None
    run = module_from_spec(spec)
    loader.exec_module(run)
    text = (ROOT / ".env.example").read_text("utf-8")
    (tmp_path / ".env").write_text(text.replace("SKYLT_SECRET=\n", f"SKYLT_SECRET={secrets.token_urlsafe(48)}\n"))
    monkeypatch.setattr(run, "ROOT", tmp_path)
    settings = Settings.from_env(run.dotenv())
    assert settings.secure and settings.proxy_hops == 1 and settings.smtp_starttls
    assert settings.database_url != settings.owner_database_url


def test_the_units_and_the_proxy_say_what_the_page_says() -> None:
    for name, command in (("web", "serve"), ("worker", "worker")):
        unit = (FILES / f"skylt-{name}.service").read_text("utf-8")
        assert f"run --no-system {command}\n" in unit and "Restart=always" in unit and "User=skylt" in unit
    proxy = (FILES / "nginx.conf").read_text("utf-8")
    assert "proxy_request_buffering on;" in proxy and "proxy_set_header Host $http_host;" in proxy
    largest = re.search(r"client_max_body_size (\d+)m;", proxy)
    assert largest and 10 * 2**20 < int(largest[1]) * 2**20 < _DRAINED
    for path in re.findall(r"docs/production/[\w*.-]+", PAGE):
        assert list(ROOT.glob(path)), path


def test_nginx_reads_its_file(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path=Path(sys.executable).parent)
    assert nginx, "./run test fetches nginx where there is Debian's apt-get; elsewhere install it"
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=portal.example"]
    subprocess.run([*key, "-keyout", tmp_path / "k", "-out", tmp_path / "c"], check=True, capture_output=True)
    text = (FILES / "nginx.conf").read_text("utf-8")
    text = text.replace("/etc/ssl/skylt/portal.pem", str(tmp_path / "c")).replace(
        "/etc/ssl/skylt/portal.key", str(tmp_path / "k")
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds) + " access_log off;"
    around = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {places} {text} }}"
    (tmp_path / "nginx.conf").write_text(around)
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
