"""Orders in a running demo, in Swedish and Danish, and takes the README's pictures on the way; tests nothing.

    ./run demo &
    .venv/bin/python -m docs.screenshots [--port 8000]

Needs what the tests need: playwright, a Chromium and pdftoppm of the system.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from webapp import clock
from webapp.domain.market import MARKETS

FOLDER = Path(__file__).resolve().parent / "screenshots"
PASSWORD = "skylt-demo-2026"  # noqa: S105 - printed by the demo
WIDTHS = {1280: 860, 390: 844}
LOUPE = 2  # a telephone's picture is taken as sharp as its screen is

ANSWERS = {
    "product": None,  # the first that is offered
    "binding": "agreement",
    "months": "24",
    "call_rate": "flat",
    "data": None,
    "number_source": "new",
    "sim": "ship",
    "pbx": "pbx",
    "mex": "yes",
    "mex_fixed": None,
    "user_mode": "new",
    "user.first": "Maja",
    "user.last": "Lind",
    "user.initials": "MLI",
    "user.title": "Arkitekt",
    "user.email": "maja.lind@granitgran.example",
    "topup": "yes",
    "data_cards": "1",
    "delivery": None,
}
MOVING = {
    **ANSWERS,
    "number_source": "port",
    "port.operator": "Granlinjen",
    "port.customer_no": "884412",
    "port.owner_type": "company",
    "port.signatory": "other",
    "port.signer_name": "Eva Ek",
    "port.binding_ack": "yes",
}
WAIT = 60  # seconds a paper or a mail may take


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes the README's pictures in a running demo.")
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    FOLDER.mkdir(exist_ok=True)
    chromium = os.environ.get("SKYLT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for slug, tour in (
            ("fjallton", fjallton), ("fjallton", signing), ("baeltkom", baeltkom), ("klitfon", klitfon),
        ):  # fmt: skip
            page = browser.new_page(device_scale_factor=LOUPE, locale="sv-SE")
            tour(page, f"http://{slug}.localhost:{port}")
            page.close()
        browser.close()
    size = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    sys.stdout.write(f"{len(list(FOLDER.glob('*.webp')))} pictures, {size / 1000:.0f} kB\n")


def fjallton(page: Page, door: str) -> None:
    """Swedish, in steps, all the way to the papers."""
    sign_in(page, door)
    begin(page, door, 'form:has([name="kind"][value="mobile"]) button')
    while "/lines/" in page.url:
        answer(page)
        if page.locator('[name="number_source"]').count():
            page.locator('[name="number_source"][value="specific"]').check(force=True)
            settle(page)
            wish(page)
            take(page, "fjallton-number", 1280, 390)
        go_on(page)
    if not page.url.endswith("/review"):
        page.goto(page.url.rstrip("/") + "/review")
    take(page, "fjallton-review", 1280)
    page.locator('[name="terms"]').check(force=True)
    page.locator('form[action$="/submission"] button.button-primary').click()
    page.wait_for_url("**/orders/**")
    page.wait_for_selector(".document-actions a", timeout=60_000)
    take(page, "fjallton-receipt", 1280, 390)
    page.goto(f"{door}/home")
    take(page, "fjallton-home", 1280)


def signing(page: Page, door: str) -> None:
    """The owner of a number signs on a telephone; the paper that comes of it."""
    signer = (
        f"eva.ek{int(time.time()) % 10_000}@granitgran.example"  # no earlier round's mail is to be taken for this one's
    )
    sweden = MARKETS["SE"]
    day = sweden.after_working_days(sweden.today(clock.now()), 10).isoformat()
    number = f"070-174 06 {80 + int(time.time()) % 20}"  # most likely one that no earlier round is moving
    sign_in(page, door)
    begin(page, door, 'form:has([name="kind"][value="mobile"]) button')
    while "/lines/" in page.url:
        answer(page, {**MOVING, "port.email": signer, "port.number": number, "port.date": day})
        go_on(page)
    if not page.url.endswith("/review"):
        page.goto(page.url.rstrip("/") + "/review")
    page.locator('[name="terms"]').check(force=True)
    page.locator('form[action$="/submission"] button.button-primary').click()
    page.wait_for_url("**/orders/**")
    page.goto(mailed(door, signer, "/sign/"))
    take(page, "fjallton-sign", 390)
    page.locator("[name=capacity]").first.check(force=True)
    for box in page.locator("[name=declare]").all():
        box.check(force=True)
    page.locator("[name=method][value=code_mail]").check(force=True)
    page.locator("#sign button.button-primary").click()
    page.wait_for_selector("#code")
    page.fill("#code", mailed(door, signer, r"(?<![\d-])\d{6}(?![\d-])"))
    page.locator("form:has(#code) button.button-primary").click()
    with page.expect_download(timeout=WAIT * 1000) as download:
        page.click('a[href$="/paper.pdf"]', timeout=WAIT * 1000)
    keep_evidence(download.value.path())


def mailed(door: str, to: str, what: str) -> str:
    """The newest link to somebody, or what stands in the text, as soon as it is there."""
    port = door.rpartition(":")[2]
    for _ in range(WAIT):
        with urllib.request.urlopen(f"http://localhost:{port}/demo/mail.json") as answer:
            mails: list[dict[str, Any]] = [mail for mail in json.load(answer) if mail["to"] == to]
        for mail in sorted(mails, key=lambda mail: str(mail["sent_at"]), reverse=True):
            if found := [link for link in mail["links"] if what in link and link.startswith(door)]:
                return str(found[0])
            if not what.startswith("/") and (code := re.search(what, mail["text"])):
                return code[0]
        time.sleep(1)
    raise SystemExit(f"no mail to {to}")


def keep_evidence(pdf: Path) -> None:
    """The first page of a signed paper, and the last, which holds the evidence, side by side."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", "80", "-png", pdf, "page"], cwd=folder, check=True)
        pages = [Image.open(path).convert("RGB") for path in sorted(Path(folder).glob("page-*.png"))]
    both = Image.new("RGB", (pages[0].width * 2 + 16, pages[0].height), "#999999")
    both.paste(pages[0], (0, 0))
    both.paste(pages[-1], (pages[0].width + 16, 0))
    both.save(FOLDER / "fjallton-signed-paper.webp", quality=80, method=6)


def baeltkom(page: Page, door: str) -> None:
    """Danish, on one page in two columns."""
    sign_in(page, door)
    page.goto(f"{door}/subscriptions")
    take(page, "baeltkom-subscriptions", 1280)
    begin(page, door, "form button.button-primary")
    answer(page)
    page.locator('[name="user.email"]').fill("maja.lind@havnenshandel.example")
    take(page, "baeltkom-order", 1280, 390, tall=2000)


def klitfon(page: Page, door: str) -> None:
    """Danish, one matter a page."""
    sign_in(page, door)
    begin(page, door, "form button.button-primary")
    while not page.locator('[name="number_source"]').count():
        answer(page)
        go_on(page)
    answer(page)
    take(page, "klitfon-step", 390)


def sign_in(page: Page, door: str) -> None:
    page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})
    page.goto(f"{door}/login")
    page.fill('[name="email"]', f"owner@{door.split('//')[1].split('.')[0]}.example")
    page.fill('[name="password"]', PASSWORD)
    page.click("form button.button-primary")
    page.wait_for_url("**/home")


def begin(page: Page, door: str, button: str) -> None:
    page.goto(f"{door}/orders/new")
    answer(page)
    page.locator("#main").locator(button).first.click()
    page.wait_for_url("**/lines/**")
    settle(page)


def go_on(page: Page) -> None:
    before = page.url
    page.locator("#main form button.button-primary").first.click()
    page.wait_for_url(lambda url: url != before)
    settle(page)


def answer(page: Page, answers: dict[str, str | None] = ANSWERS) -> None:
    """Every question that is shown and that we know; answers bring up others, so until nothing new comes."""
    done: set[str] = set()
    while fresh := [name for name in answers if name not in done and page.locator(f'#main [name="{name}"]').count()]:
        for name in fresh:
            done.add(name)
            fill(page.locator(f'#main [name="{name}"]'), answers[name])
            settle(page)


def fill(control: Locator, value: str | None) -> None:
    if not control.count():
        return
    kind = control.first.evaluate("each => each.type")
    if kind == "radio":
        wanted = control.and_(control.page.locator(f'[value="{value}"]')) if value else control
        if value or not control.and_(control.page.locator(":checked")).count():
            wanted.first.check(force=True)
    elif kind == "checkbox":
        control.check(force=True)
    elif kind == "select-one":
        choices = control.locator("option").evaluate_all("all => all.map(each => each.value).filter(Boolean)")
        control.select_option(value if value in choices else choices[0])
    else:
        control.fill(value or "")
        control.blur()


def wish(page: Page) -> None:
    """A specific number that nobody has taken yet, in this round or an earlier one."""
    for end in range(12, 40):
        fill(page.locator('[name="specific_number"]'), f"070-174 06 {end}")
        settle(page)
        if page.locator(".message-success").count():
            return


def settle(page: Page) -> None:
    """Until the server has answered and the page stands still."""
    page.wait_for_timeout(80)
    page.wait_for_selector("html:not(.busy)", state="attached")
    page.wait_for_timeout(120)


def take(page: Page, name: str, *widths: int, tall: int = 0) -> None:
    for width in widths:
        height = tall if tall and width > 1000 else WIDTHS[width]
        page.set_viewport_size({"width": width, "height": height})
        page.mouse.move(0, 0)
        page.evaluate("scrollTo(0, 0)")
        page.evaluate("document.activeElement?.blur()")
        settle(page)
        picture = Image.open(io.BytesIO(page.screenshot()))
        if width > 1000:
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        picture.save(FOLDER / f"{name}-{width}.webp", quality=82, method=6)
    page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})


if __name__ == "__main__":
    main()
