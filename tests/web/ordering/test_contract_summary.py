"""The contract summary: shown to small companies, answered by an express act, kept; and nothing of it for large ones."""

from __future__ import annotations

import pytest

from tests.browsing import Portal, Visitor, put
from tests.journeys.ways import ALWAYS, approve, begin, draft_of, first_button, review, walk
from webapp.domain.ordering.contract_summary import Facts
from webapp.domain.ordering.statutory_texts import SUMMARY
from webapp.domain.stored_json import from_json
from webapp.jobs.ordering.contract_summaries import make_summary
from webapp.operations.papers import production
from webapp.operations.signing import issuing
from webapp.store.platform.scope import Scope

SMALL = {
    "skarvox": ({**ALWAYS, "kind": "mobile", "call_rate": "metered", "data": "SX-D5", "number_source": "new",
                 "binding": "none", "sim": "ship"}, ""),
    "klitfon": ({**ALWAYS, "product": "KF-M", "binding": "none", "number_source": "new", "sim": "esim",
                 "esim_email": "a@vestklit.example", "user.email": "a@vestklit.example", "delivery.zip": "8000"}, "KF-M"),
}  # fmt: skip
LANGUAGE = {"skarvox": "sv", "klitfon": "da"}
HEADINGS = {language: list(law.headings) for language, law in SUMMARY.items()}
SLUGS = pytest.mark.parametrize("slug", SMALL)


def reviewed(portal: Portal, slug: str = "skarvox") -> Visitor:
    """A small company's order, ready to be approved."""
    portal.speak(slug, "owner", LANGUAGE[slug])
    answers, product = SMALL[slug]
    return review(walk(begin(portal.visitor(slug), product=product), answers))


def orders(portal: Portal) -> int:
    """How many there are."""
    return int(portal.sql('select count(*) from "order"')[0][0])


def press(visitor: Visitor, **answers: str) -> Visitor:
    """Approves with these answers and the terms."""
    put(visitor.form, "terms", "yes")
    for name, value in answers.items():
        put(visitor.form, name, value)
    return visitor.press(first_button(visitor))


class Press:
    """A worker with a press that prints nothing."""

    def __init__(self, portal: Portal) -> None:
        self.store, self.secret, self.drawn = portal.store, "s" * 40, 0

    def draw(self, paper: object, tenant: object) -> tuple[bytes, str]:
        """No PDF, but bytes."""
        self.drawn += 1
        return b"%PDF of a summary", "summary.pdf"


@SLUGS
def test_it_is_read_on_review_and_on_a_page_of_its_own_in_the_same_words(portal: Portal, slug: str) -> None:
    visitor = reviewed(portal, slug)
    [folded] = visitor.dom.find_class("contract-summary")
    assert [h.text_content() for h in folded.findall(".//h3")] == HEADINGS[LANGUAGE[slug]]
    said = " ".join(folded.text_content().split())
    visitor.open(f"/drafts/{draft_of(visitor)}/summary")
    [whole] = visitor.dom.find_class("contract-summary")
    assert [h.text_content() for h in whole.findall("section/h2")] == HEADINGS[LANGUAGE[slug]]
    assert " ".join(whole.text_content().split()) == f"{visitor.h1} {said}"
    seller = portal.tenant(slug).contract_party.name
    assert seller in said and "Mbit/s" in said and portal.tenant(slug).support.email in said


@SLUGS
def test_nothing_said_is_refused_in_words(portal: Portal, slug: str) -> None:
    visitor, before = reviewed(portal, slug), orders(portal)
    assert "summary" not in visitor.fields, "neither answer is ticked beforehand"
    press(visitor)
    asked = {"sv": "Ange om ni godtar avtalssammanfattningen eller avstår från den",
             "da": "Angiv, om I accepterer aftaleresuméet eller giver afkald på det"}[LANGUAGE[slug]]  # fmt: skip
    assert visitor.status == 422 and visitor.errors == [asked] and orders(portal) == before
    assert visitor.dom.xpath("//*[@id='errsum']//a/@href") == ["#summary"]
    visitor.send(f"/drafts/{draft_of(visitor)}/submission", {**visitor.fields, "summary": "perhaps"})
    assert visitor.status == 422 and visitor.errors == [asked] and orders(portal) == before
    assert press(visitor, summary="accepted").path.endswith("/receipt")


@SLUGS
def test_what_is_accepted_is_kept_with_its_words_and_made_a_paper(portal: Portal, slug: str) -> None:
    visitor = approve(reviewed(portal, slug))
    ref = visitor.path.split("/")[2]
    order = portal.order(slug, ref)
    said, facts = order.provenance.summary, order.provenance.summary_facts
    assert said and facts
    assert (said.choice, said.version, said.by, said.at) == ("accepted", "2026-01-01", order.ordered_by, portal.now)
    assert said.sha256 == from_json(Facts, facts).fingerprint()
    wanted = {"sv": "Vi har fått avtalssammanfattningen och godtar den",
              "da": "Vi har modtaget aftaleresuméet og accepterer det"}[LANGUAGE[slug]]  # fmt: skip
    assert said.text == wanted
    title = {"sv": "Avtalssammanfattning", "da": "Aftaleresumé"}[LANGUAGE[slug]]
    assert title in visitor.text
    assert wanted in visitor.open(f"/orders/{ref}").text
    found = production.paper_to_render(portal.store, slug, f"{ref}-S", "s" * 40)
    assert found and found[0].kind == "contract_summary" and found[0].verify_code
    assert issuing.store_paper(portal.store, slug, found[0], b"%PDF", "a.pdf", portal.now)
    assert not issuing.store_paper(portal.store, slug, found[0], b"%PDF 2", "a.pdf", portal.now), "it is made once"
    assert portal.sql('select kind, subject, title from document where "order" = %s', ref) == [
        ("contract_summary", "", title)
    ]


@SLUGS
def test_what_is_waived_is_kept_in_full_and_makes_no_paper(portal: Portal, slug: str) -> None:
    visitor = press(reviewed(portal, slug), summary="waived")
    ref = visitor.path.split("/")[2]
    provenance = portal.order(slug, ref).provenance
    assert provenance.summary and provenance.summary_facts is None
    said = provenance.summary.text
    assert ("avstår" in said and "ingen avtalssammanfattning sparas" in said) or (
        "afkald" in said and "der gemmes ikke noget aftaleresumé" in said
    )
    assert [each.kind for each in production.plan(portal.order(slug, ref))] == ["confirmation"]
    confirmation = production.paper_to_render(portal.store, slug, f"{ref}-1", "s" * 40)
    assert confirmation and getattr(confirmation[0], "summary", None) == provenance.summary
    assert said in visitor.open(f"/orders/{ref}").text


def test_another_summary_than_the_one_shown_is_not_accepted(portal: Portal) -> None:
    # guard: Shop.submit compares the signed fingerprint
    visitor, before = reviewed(portal), orders(portal)
    other = reviewed(portal)
    path, seen = f"/drafts/{draft_of(visitor)}/submission", visitor.fields["summary_seen"]
    for forged in ("", "x", other.fields["summary_seen"], seen[:-1], seen.swapcase(), "\0", "{}", "9" * 100_000):
        visitor.open(f"/drafts/{draft_of(visitor)}/review")
        visitor.send(path, {**visitor.fields, "terms": "yes", "summary": "accepted", "summary_seen": forged})
        assert visitor.status == 422 and orders(portal) == before, forged[:20]
        assert visitor.errors == ["Avtalssammanfattningen har ändrats. Läs den igen och svara"]
        assert "summary" not in visitor.fields, "what was said was said of another one"
    assert press(visitor, summary="accepted").path.endswith("/receipt")


def test_a_summary_read_in_another_language_is_read_again(portal: Portal) -> None:
    visitor = reviewed(portal)
    fields = {**visitor.fields, "terms": "yes", "summary": "accepted"}
    portal.speak("skarvox", "owner", "da")
    visitor.send(f"/drafts/{draft_of(visitor)}/submission", fields)
    assert visitor.status == 422 and "Aftaleresuméet er ændret. Læs det igen, og svar" in visitor.errors
    order = portal.order("skarvox", press(visitor, summary="accepted", terms="yes").path.split("/")[2])
    assert order.provenance.summary_facts and order.provenance.summary_facts["language"] == order.language == "da"


@SLUGS
def test_the_pdf_is_made_by_a_job_before_the_order_and_outlives_it(portal: Portal, slug: str) -> None:
    visitor = reviewed(portal, slug)
    draft = draft_of(visitor)
    button = {"sv": "Spara som PDF", "da": "Gem som PDF"}[LANGUAGE[slug]]
    visitor.press(button)
    assert visitor.path == f"/drafts/{draft}/summary" and button not in visitor.buttons()
    visitor.post(f"/drafts/{draft}/summary")
    [(id, made)] = portal.sql("select id, made_at from contract_summary where draft = %s", draft)
    assert made is None
    jobs = portal.sql(
        "select args->>'id' from procrastinate_jobs where task_name = 'make_summary' and args->>'id' = %s", id
    )
    assert jobs == [(id,)], "asking twice asks once"
    state = visitor.request("GET", f"/drafts/{draft}/summary/state", headers={"HX-Request": "true"})
    assert state.status_code == 200
    assert visitor.request("GET", f"/drafts/{draft}/summary/{id}").status_code == 404, "it is not there yet"
    worker = Press(portal)
    make_summary(worker, slug, id, portal.now)  # type: ignore[arg-type]
    make_summary(worker, slug, id, portal.now)  # type: ignore[arg-type]
    assert worker.drawn == 1
    state = visitor.request("GET", f"/drafts/{draft}/summary/state", headers={"HX-Request": "true"})
    assert state.status_code == 286 and id in state.get_data(as_text=True)
    approve(review(visitor))
    answer = visitor.request("GET", f"/drafts/{draft}/summary/{id}")
    assert answer.data == b"%PDF of a summary" and answer.mimetype == "application/pdf"
    assert portal.sql("select count(*) from audit where what = 'summary.fetched' and subject = %s", draft) == [(1,)]


def test_nobody_else_reads_it(portal: Portal) -> None:
    draft = draft_of(reviewed(portal).press("Spara som PDF"))
    [(id,)] = portal.sql("select id from contract_summary where draft = %s", draft)
    make_summary(Press(portal), "skarvox", id, portal.now)  # type: ignore[arg-type]
    mine = draft_of(reviewed(portal))
    for who, found in ((portal.visitor("skarvox", "owner2"), 404), (portal.visitor("klitfon"), 404),
                       (portal.visitor("fjallton", "operator"), 404), (portal.visitor("skarvox", "member"), 403)):  # fmt: skip
        for tail in ("", "/state", f"/{id}"):
            assert who.request("GET", f"/drafts/{draft}/summary{tail}").status_code == found, tail
        assert who.post(f"/drafts/{draft}/summary").status_code == found
    owner = portal.visitor("skarvox")
    assert owner.request("GET", f"/drafts/{mine}/summary/{id}").status_code == 404, "it is another draft's"
    assert owner.request("GET", f"/drafts/{draft}/summary/{id}").status_code == 200


def test_a_changed_order_has_a_summary_of_its_own(portal: Portal) -> None:
    visitor = reviewed(portal)
    draft = draft_of(visitor)
    visitor.press("Spara som PDF")
    with portal.store.work(Scope("skarvox", None, "test")) as work:
        found = work.drafts.get(draft)
        assert found
    ordering = portal.app.extensions["skylt"].ordering(
        portal.tenant("skarvox"), portal.person("skarvox"), portal.words("skarvox"), portal.now
    )
    ordering.add_line(draft, 1)
    assert visitor.open(f"/drafts/{draft}/summary").status == 404, "a line lacks answers"
    assert "summary" not in review(visitor).form.inputs


def test_large_companies_see_and_store_nothing_of_it(portal: Portal) -> None:
    answers = {**ALWAYS, "kind": "mobile", "call_rate": "flat", "data": "SX-D5", "number_source": "new", "binding": "none",
               "sim": "ship", "user.email": "a@norrsken.example"}  # fmt: skip
    visitor = review(walk(begin(portal.visitor("skarvox", "owner2")), answers))
    draft = draft_of(visitor)
    assert "summary" not in visitor.form.inputs and "ammanfattning" not in visitor.text
    before = portal.sql("select count(*) from contract_summary")
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/state"), ("GET", "/x")):
        data = {"csrf_token": visitor.token} if method == "POST" else None
        assert visitor.request(method, f"/drafts/{draft}/summary{path}", data).status_code == 404
    assert portal.sql("select count(*) from contract_summary") == before
    ref = approve(visitor).path.split("/")[2]
    provenance = portal.order("skarvox", ref).provenance
    assert (provenance.summary, provenance.summary_facts) == (None, None)
    assert len(production.plan(portal.order("skarvox", ref))) == 1


def test_a_company_of_unknown_size_counts_as_small(portal: Portal) -> None:
    portal.sql("update company set size = 'unknown' where tenant = 'skarvox' and name like 'Norrsken%%'")
    answers, _ = SMALL["skarvox"]
    visitor = review(walk(begin(portal.visitor("skarvox", "owner2")), answers))
    assert "summary" in visitor.form.inputs
    portal.sql("update company set size = 'large' where tenant = 'skarvox' and name like 'Norrsken%%'")
