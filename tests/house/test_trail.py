"""Whatever is written into the audit trail can be read there, in words."""

from __future__ import annotations

import re

from webapp.settings import ROOT
from webapp.web.audit_labels import ACTS, AREAS

WRITTEN = re.compile(
    r"""(?:audit\.write(?:_all)?\(|_tell\(work, |_audit\(work, |MAIL_SENT, MAIL_FAILED, MAIL_WAITS = )\s*(.*)"""
)
SIGNING = re.compile(r'\btell\(\s*work,\s*[\w.]+,\s*"([a-z_]+)",')
CODE = re.compile(r'"([a-z]+\.[a-z_]+)"')


def codes() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "webapp").rglob("*.py"):
        for match in WRITTEN.finditer(path.read_text("utf-8")):
            found |= set(CODE.findall(match[1].split(", now=")[0]))
        found |= {f"signing.{code}" for code in SIGNING.findall(path.read_text("utf-8"))}
    return found


def test_every_act_has_its_words() -> None:
    """A new kind of row needs a line in webapp/web/audit_labels.py."""
    assert {"order.placed", "mail.sent", "person.role", "export.fetched"} <= codes(), "the search finds nothing"
    assert codes() <= set(ACTS), sorted(codes() - set(ACTS))


def test_every_act_is_in_an_area() -> None:
    areas = {code.partition(".")[0] for code in codes()} - {"demo"}
    assert areas <= set(AREAS), sorted(areas - set(AREAS))
