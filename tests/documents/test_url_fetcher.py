"""A paper gets at nothing but our own fonts and logos, and says in words why it cannot be printed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import a_tenant, an_order
from tests.documents.reading import ASSETS, ROOT, papers_of, printed
from webapp.documents import pdf_renderer
from webapp.documents.pdf_renderer import CannotPrint

FILE = "file:///etc/hostname"
VECTORS = {
    "img": f'<img src="{FILE}" alt="x">',
    "attachment": f'<link rel="attachment" href="{FILE}">',
    "link": f'<a rel="attachment" href="{FILE}">x</a>',
    "import": f'<style>@import url("{FILE}");</style>',
    "font": f'<style>@font-face {{ font-family: x; src: url("{FILE}") }} p {{ font-family: x }}</style>',
    "object": f'<object data="{FILE}" type="image/png"></object>',
    "embed": f'<embed src="{FILE}" type="image/png">',
    "background": f'<p style="background: url({FILE})">x</p>',
    "base": '<base href="file:///etc/"><img src="hostname" alt="x">',
    "data": '<img src="data:image/svg+xml,&lt;svg xmlns=%22http://www.w3.org/2000/svg%22/&gt;" alt="x">',
    "network": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
}


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_is_fetched(vector: str) -> None:
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    machine = pdf_renderer._renderer(ASSETS)
    html = HTML(string=f"<html lang=sv><title>x</title>{VECTORS[vector]}<p>x</p>", url_fetcher=machine.fetcher)
    with pytest.raises(FatalURLFetchingError, match="not among the assets"):
        html.write_pdf(font_config=machine.fonts, pdf_variant="pdf/a-3a")


@pytest.mark.parametrize(
    "inside",
    [f'<image href="{FILE}" width="9" height="9"/>', '<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>'],
)
def test_a_logo_that_asks_for_more_stops_the_printing(inside: str) -> None:
    logo = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'.encode()
    plain = a_tenant()
    tenant = replace(plain, brand=replace(plain.brand, logo=logo))
    with pytest.raises(CannotPrint, match="not among the assets"):
        printed(papers_of(an_order(tenant=tenant), tenant)[0], tenant)


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


CHECK = """
import pathlib
from webapp.documents.pdf_renderer import CannotPrint, check_renderer
try:
    check_renderer(pathlib.Path(".assets"))
except CannotPrint as told:
    print("cannot print:", told)
"""


def test_without_any_font_it_says_so(tmp_path: Path) -> None:
    """WeasyPrint would end the process with a segmentation fault."""
    empty = tmp_path / "fonts.conf"
    empty.write_text(f"<fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>")
    done = run(CHECK, FONTCONFIG_FILE=str(empty))
    assert (done.returncode, done.stdout) == (
        0, "cannot print: no font is installed. On Debian: apt-get install fonts-dejavu-core\n",
    ), done.stderr  # fmt: skip


NO_PANGO = """
import sys
class NoPango:
    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint.text.ffi":
            raise OSError("cannot load library 'libpango-1.0-0'")
sys.meta_path.insert(0, NoPango())
"""


def test_without_pango_it_says_so() -> None:
    done = run(NO_PANGO + CHECK)
    assert done.returncode == 0 and "apt-get install libpango-1.0-0" in done.stdout, done.stderr


def test_a_web_process_never_loads_the_printer() -> None:
    done = run(
        "import sys, webapp.documents.pdf_renderer, webapp.domain.papers.for_order; print([m for m in sys.modules if 'weasy' in m])"
    )
    assert done.stdout == "[]\n", done.stderr
