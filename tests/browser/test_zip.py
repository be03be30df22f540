"""49: staff find papers by a number as it is written, take exactly those as one zip, and come back to where they were."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.pages import signed_paper
from tests.browser.test_access import faults
from webapp.store.papers.documents import Document

STAFF = pytest.mark.parametrize(
    ("slug", "look", "numbers", "written"),
    [
        ("fjallton", Screen(1280, "sv"), ("+46701740692", "+46701740693"), "070-174 06 92"),
        ("baeltkom", Screen(390, "da"), ("+4520000061", "+4520000062"), "20 00 00 61"),
    ],
    ids=["wide", "narrow"],
)


def unpacked(file: Path) -> tuple[list[dict[str, str]], list[str]]:
    """The index and the names of the papers beside it."""
    with zipfile.ZipFile(file) as found:
        index, *names = found.namelist()
        text = found.read(index).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";")), names


def fetched(guest: Guest) -> tuple[list[dict[str, str]], list[str]]:
    with guest.page.expect_download() as download:
        guest.page.locator("a[href$='/zip']").click()
    return unpacked(Path(download.value.path()))


def kept(guest: Guest, numbers: tuple[str, str]) -> tuple[Document, Document]:
    return signed_paper(guest, numbers[0]), signed_paper(guest, numbers[1])


@STAFF
def test_filter_zip_index(arrive: Arrive, slug: str, look: Screen, numbers: tuple[str, str], written: str) -> None:
    guest = arrive(slug, look, who="operator", accept_downloads=True)
    wanted, other = kept(guest, numbers)
    guest.open("/admin/documents").settled()
    results = guest.page.locator("#results")
    expect(results).to_contain_text(other.facts["number"])
    assert faults(guest) == []
    guest.page.locator("#q").press_sequentially(written, delay=10)
    expect(results).not_to_contain_text(other.facts["number"])
    expect(results).to_contain_text(wanted.facts["number"])
    expect(guest.page).to_have_url(re.compile(r"[?&]q=\d"))
    expect(guest.page.locator("#q")).to_be_focused()
    expect(guest.page.locator("#live")).not_to_be_empty()
    assert faults(guest) == []
    listed = guest.page.locator("#results tbody tr").count()
    guest.settled().page.locator("form[action='/admin/documents/zip'] button").click()
    guest.at("/admin/exports/")
    expect(guest.page.locator("a[href$='/zip']")).to_be_visible(timeout=30_000)
    assert faults(guest) == []
    index, names = fetched(guest)
    assert len(index) == len(names) == listed and wanted.sha256 in [row["SHA-256"] for row in index]
    assert other.sha256 not in [row["SHA-256"] for row in index]
    guest.page.go_back()
    guest.settled()
    expect(guest.page.locator("#q")).to_have_value(written)
    expect(guest.page.locator("#results")).not_to_contain_text(other.facts["number"])


@STAFF
def test_without_script(arrive: Arrive, slug: str, look: Screen, numbers: tuple[str, str], written: str) -> None:
    guest = arrive(slug, look, who="operator", script=False, accept_downloads=True)
    wanted, _ = kept(guest, numbers)
    guest.open("/admin/documents")
    guest.page.fill("#q", written)
    guest.page.locator("form.filters button.button-secondary").last.click()
    guest.page.locator("form[action='/admin/documents/zip'] button").click()
    for _ in range(60):
        if guest.page.locator("a[href$='/zip']").count():
            break
        guest.page.locator(".no-js-only a").first.click()
        guest.page.wait_for_timeout(250)
    index, _names = fetched(guest)
    assert wanted.sha256 in [row["SHA-256"] for row in index]
