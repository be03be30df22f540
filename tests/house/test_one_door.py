"""Raw calls stay behind their one door: clock, redirects, absolute URLs, mail, outgoing HTTP, markup, scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from webapp.settings import ROOT


@dataclass(frozen=True)
class Rule:
    """What may stand only in the files that are its door."""

    name: str
    raw: str  # pattern of the raw call
    example: str  # a line it must catch
    doors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("py",)
    root: str = "webapp"


RULES = [
    Rule("clock", r"\b(datetime|date)\.(now|utcnow|today)\(|\btime\.time\(", "x = datetime.now(UTC)", ("clock.py",)),
    Rule(
        "day of a moment", r"\.date\(\)", "today = now.date()", ("domain/market.py",)
    ),  # which it is differs by country
    Rule(
        "clock of a test",
        r"\b(datetime|date)\.(now|utcnow|today)\(|\btime\.(time|time_ns|localtime|gmtime)\(",
        "NOW = datetime.now(UTC)",
        ("house/test_one_door.py",),
        root="tests",
    ),
    Rule("redirect", r"\bredirect\(", "return redirect(target)", ("web/htmx.py", "web/safe_redirects.py")),
    Rule("absolute URL", r"_external\s*=\s*True|request\.(host_url|url_root|base_url)\b", "url_for(x, _external=True)"),
    Rule("mail", r"\bimport smtplib|\bsmtplib\.", "import smtplib", ("gateways/",)),
    Rule(
        "outgoing HTTP",
        r"\bimport (httpx|requests|http\.client)|urllib\.request",
        "import httpx",
        ("gateways/", "demo.py"),
    ),
    Rule("CSV", r"\bcsv\.(writer|DictWriter)\(", "out = csv.writer(file)", ("domain/spreadsheet.py",)),
    Rule("zip", r"\bZipFile\(", "made = zipfile.ZipFile(file)", ("operations/papers/zip_stream.py",)),
    Rule(
        "processes",
        r"\bimport subprocess",
        "import subprocess",
        (
            "demo.py",
            "cli/processes.py",
            "store/platform/embedded",
            "jobs/papers/render_process.py",
            "documents/sandboxed_check.py",
        ),
    ),
    Rule("float", r"\bfloat\(", "total = float(net)", ("domain/tenants/theme.py", "faults.py")),
    Rule("markup", r"\bMarkup\(", "return Markup(text)", ("web/",)),
    Rule("safe", r"\|\s*safe\b|autoescape\s+false", "{{ text|safe }}", kinds=("html",)),
    Rule("inline script", r"<script(?![^>]*\bsrc=)|\bhx-on|\bon[a-z]+=\"|js:", '<b onclick="x()">', kinds=("html",)),
    Rule(
        "inline style",
        r"<style\b|\bstyle=\"",
        '<p style="color: red">',
        ("templates/papers/pdf/", "templates/mail/"),
        kinds=("html",),
    ),
    Rule("foreign address", r"(src|href)=\"(https?:)?//", '<img src="//elsewhere/x">', kinds=("html",)),
    Rule("swallowed error", r"except (Base)?Exception:\s*\n\s*pass\b", "except Exception:\n    pass"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_raw_calls_stay_behind_their_door(rule: Rule) -> None:
    assert re.search(rule.raw, rule.example), "the rule catches nothing"
    found = []
    for kind in rule.kinds:
        for path in sorted((ROOT / rule.root).rglob(f"*.{kind}")):
            name = path.relative_to(ROOT / rule.root).as_posix()
            if not name.startswith(rule.doors or ("\0",)):
                found += _lines(rule.raw, path)
    assert not found, f"{rule.name} outside {', '.join(rule.doors) or 'any file'}:\n" + "\n".join(found)


def _lines(raw: str, path: Path) -> list[str]:
    text = path.read_text("utf-8")
    lines = text.splitlines()
    starts = (text.count("\n", 0, match.start()) for match in re.finditer(raw, text))
    return [f"{path.relative_to(ROOT)}:{number + 1}: {lines[number].strip()}" for number in starts]
