"""Every job that is put down has somebody who does it, and every mail its words and its name for staff; runs none of them."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from webapp.documents.keys import CannotSeal
from webapp.gateways import broker_profiles, eid, errors, mail, sms, timestamp
from webapp.jobs import registry
from webapp.jobs.registry import HANDLERS, NOT_TRIED_AGAIN, PERIODIC, WAITED_FOR
from webapp.operations import outbox
from webapp.operations.signing import signature_requests, signing_mails

WEBAPP = Path(registry.__file__).parents[1]
CHOSEN = {
    "kind": {periodic.kind for periodic in PERIODIC},  # staff.defer, by the clock
    "job": {
        signature_requests.MAIL_CODE,
        signature_requests.SMS_CODE,
        signature_requests.PREPARE_EID,
    },  # by the method of a signature
    "due.job": {f"mail_{kind}" for kind in outbox.KINDS},
}
"""Kinds that are chosen while running, by the words with which they are put down."""


def put_down() -> Iterator[tuple[str, set[str]]]:
    """Where jobs are put down, and which."""
    for path in (WEBAPP / "operations").rglob("*.py"):
        name = ".".join(path.relative_to(WEBAPP.parent).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("jobs.defer"):
                said = ast.unparse(node.args[0])
                known = CHOSEN.get(said) or {str(eval(said, vars(module)))}
                yield f"{path.name}:{node.lineno}", known


def test_every_job_that_is_put_down_is_done_by_somebody() -> None:
    found = dict(put_down())
    assert len(found) >= 15
    assert {place: missing for place, known in found.items() if (missing := known - set(HANDLERS))} == {}
    assert {periodic.kind for periodic in PERIODIC} <= set(HANDLERS)


def test_no_handler_waits_for_jobs_that_nobody_puts_down() -> None:
    known = set().union(*(known for _, known in put_down()))
    assert set(HANDLERS) - known == set()


def test_every_kind_of_mail_has_its_template() -> None:
    kept = {path.stem for path in (WEBAPP / "templates" / "mail").glob("*.jinja")}
    assert set(outbox.KINDS) <= kept and set(signing_mails.TEMPLATES.values()) <= kept
    assert set(signing_mails.TEMPLATES) == set(signature_requests.NEWS)
    written = {"sign_request", "sign_code", "sign_copy", "sign_over"}
    assert kept == set(outbox.KINDS) | set(signing_mails.TEMPLATES.values()) | written
    assert {f"mail_{kind}" for kind in (*outbox.KINDS, *signing_mails.KINDS)} <= set(HANDLERS)


def test_every_job_that_may_fail_has_a_name_for_staff() -> None:
    source = (WEBAPP / "templates" / "desk" / "parts.html").read_text("utf-8")
    named = set(re.findall(r'"(\w+)": _\(', source))
    assert set(HANDLERS) - named - {periodic.kind for periodic in PERIODIC} == set()


def test_every_gateway_fails_in_the_two_ways_that_the_queue_knows() -> None:
    """What a gateway raises by name ends a job or has it tried again; anything else would be tried as if it were our own fault."""
    assert errors.Temporary in WAITED_FOR and {errors.Permanent, CannotSeal} == set(NOT_TRIED_AGAIN)
    raised = {}
    for gateway in (eid, mail, sms, timestamp, broker_profiles):
        for node in ast.walk(ast.parse(Path(str(gateway.__file__)).read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                known = vars(gateway).get(node.exc.func.id)
                if isinstance(known, type):
                    raised[f"{gateway.__name__} {known.__name__}"] = known
    assert len(raised) >= 8
    known_ways = (errors.Permanent, errors.Temporary, ValueError)  # ValueError: it was given what it never takes
    assert not [place for place, kind in raised.items() if not issubclass(kind, known_ways)]
