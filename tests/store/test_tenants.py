"""What is published reaches every process, and a broken folder leaves the last good revision serving."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.own_tenants import OWN_TENANTS
from webapp.operations.tenants import publishing
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.tenancy.registry import Registry
from webapp.tenancy.revision import tenant_to_json

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OWN_TENANTS, tmp_path / "tenants"))


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def comes_true(told: Callable[[], bool]) -> bool:
    until = time.monotonic() + 120
    while not told() and time.monotonic() < until:
        time.sleep(0.02)
    return told()


def test_every_process_hears_of_a_new_revision(empty: Store, folder: Path) -> None:
    publishing.publish(empty, folder, "test", NOW)
    registry = Registry(publishing.current(empty))
    publishing.follow(registry, empty)
    before = registry.by_slug("klitfon")
    assert before is not None
    edit(folder / "klitfon" / "brand.toml", before.brand.colour, "#123456")
    publishing.publish(empty, folder, "test", NOW)

    def told() -> bool:
        now = registry.by_slug("klitfon")
        return now is not None and now.brand.colour == "#123456"

    assert comes_true(told)


def test_a_revision_that_this_release_cannot_read_ends_nothing(
    empty: Store, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publishing.publish(empty, folder, "test", NOW)
    good = publishing.current(empty)
    registry = Registry(good)
    publishing.follow(registry, empty)
    with empty.work(Scope("klitfon", None, "test")) as work:
        work.revisions.publish("of-a-later-release", {"told": "otherwise"}, now=NOW)
    assert comes_true(lambda: "tenants stay as they are" in caplog.text)
    edited = tenant_to_json(next(tenant for tenant in good if tenant.slug == "klitfon"))
    edited["brand"]["colour"] = "#123456"
    with empty.work(Scope("klitfon", None, "test")) as work:
        work.revisions.publish("readable", edited, now=NOW)
    assert comes_true(lambda: (served := registry.by_slug("klitfon")) is not None and served.brand.colour == "#123456")


def test_a_broken_folder_leaves_the_last_good_revision_in_force(empty: Store, folder: Path) -> None:
    publishing.publish(empty, folder, "test", NOW)
    good = {tenant.slug: tenant.revision for tenant in publishing.current(empty)}
    (folder / "fjallton" / "order.toml").write_text("steps = [", "utf-8")
    edit(folder / "baeltkom" / "tenant.toml", 'name = "Bæltkom"', 'name = "Bæltkom Erhverv"')
    findings = publishing.publish(empty, folder, "test", NOW)
    served = {tenant.slug: tenant for tenant in publishing.current(empty)}
    assert any(finding.is_error and "fjallton/order.toml" in finding.file for finding in findings)
    assert served["fjallton"].revision == good["fjallton"]
    assert served["skarvox"].revision == good["skarvox"], "a reseller's last good revision serves too"
    assert served["baeltkom"].name == "Bæltkom Erhverv", "one broken folder does not stop the others"


def test_a_start_after_midnight_reads_folders_again_though_it_is_yesterday_in_utc(
    empty: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[datetime] = []
    publish = publishing.publish
    monkeypatch.setattr(publishing, "publish", lambda *given: (read.append(given[3]), publish(*given))[1])
    evening = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)  # 23:30 in Stockholm and Copenhagen
    for minutes in (0, 20, 60, 100):  # the last two in December, in which a price list may begin
        now = evening + timedelta(minutes=minutes)
        publishing.keep(empty, folder, "test", now, "http://{host}", tmp_path / "data" / "published")
    assert read == [evening, evening + timedelta(minutes=60)]


def test_a_start_reads_folders_again_only_when_something_may_have_changed(
    empty: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[datetime] = []
    publish = publishing.publish
    monkeypatch.setattr(publishing, "publish", lambda *given: (read.append(given[3]), publish(*given))[1])

    def start(now: datetime = NOW) -> int:
        publishing.keep(empty, folder, "test", now, "http://{host}", tmp_path / "data" / "published")
        return len(read)

    assert [start(), start()] == [1, 1]
    edit(folder / "klitfon" / "brand.toml", 'colour = "', 'colour = "#123456" # "')
    assert [start(), start()] == [2, 2]
    assert start(NOW + timedelta(days=1)) == 3  # a price list may have ended
    with empty.work(Scope("klitfon", None, "test")) as work:
        content = tenant_to_json(next(tenant for tenant in publishing.current(empty) if tenant.slug == "klitfon"))
        work.revisions.publish("another", content, now=NOW)
    assert start(NOW + timedelta(days=1)) == 4  # something else serves
    (folder / "fjallton" / "order.toml").write_text("steps = [", "utf-8")
    assert [start(), start()] == [5, 6]  # a fault is told at every start
