"""The two articles that tell customers how to order hold word for word: every choice and button in them is there, in their order."""

from __future__ import annotations

import re

from tests.browsing import Portal, put
from tests.journeys.ways import first_button


def test_the_swedish_article(portal: Portal) -> None:
    """Kugghjulet -> Organisationsinställningar -> Företagskonto -> Subs, then the eleven points, then Spara."""
    portal.speak("fjallton", "buyer", "sv")
    v = portal.visitor("fjallton", "buyer").open("/home")
    menu = [
        " ".join(each.text_content().split())
        for each in v.dom.xpath("//header//details//*[self::a or self::summary or self::span]")
    ]
    for words in ("Organisationsinställningar", "Företagskonto", "Subs", "Användarkonton", "Användare"):
        assert any(words == each for each in menu), (words, menu)
    v.follow("Subs")
    assert {"Köp Subs mobil", "Köp Subs fast"} <= set(v.buttons())
    v.press("Köp Subs mobil")  # 1
    assert v.path.endswith("/avtal")
    assert offered(v, "binding") == {
        "agreement": "Bundet, pris enligt ramavtal",
        "none": "Obundet, pris enligt gällande prislista",
    }
    v.press(first_button(v), binding="none")  # 2, and 3 on the same page
    assert set(offered(v, "call_rate")) == {"flat", "metered"}
    v.press(first_button(v), call_rate="metered")
    v.press(first_button(v), data="FJ-D15")  # 4
    assert list(offered(v, "number_source").values()) == [
        "Nytt nummer",
        "Reserverat nummer",
        "Specifikt nummer",
        "Flytta befintligt nummer",
    ] or set(offered(v, "number_source")) == {"new", "reserved", "specific", "port"}  # 5
    v.press(first_button(v), number_source="reserved")
    assert v.errors == [] and "reserved_number" in v.asks()
    v.press(first_button(v), reserved_number="+46701740666")
    assert {"icc", "esim"} <= set(offered(v, "sim"))  # 6
    v.press(first_button(v), sim="icc")
    v.press(first_button(v), icc="89469900000000000010")  # 20 digits, as on the back of the card
    assert set(offered(v, "pbx")) == {"pbx", "standalone"}  # 7
    v.press(first_button(v), pbx="pbx")
    assert "mex" in v.asks()  # 8
    v.press(first_button(v), mex="yes")
    v.press(first_button(v), mex_fixed="+46846500451")
    v.press(first_button(v), user_mode="existing")  # 9
    put(v.form, "q", "Lindqvist")
    v.press(portal.words("fjallton", "sv").gettext("Search"))
    [(found, name)] = offered(v, "user").items()
    assert name.startswith("Ebba Lindqvist")
    v.press(first_button(v), user=found)
    v.press("Spara", topup="yes")  # 10 and 11
    assert re.fullmatch(r"/drafts/[\w-]+", v.path) and "Ebba Lindqvist" in v.text
    v.follow(portal.words("fjallton", "sv").say("button.to_review"))
    put(v.form, "terms", "yes")
    v.press("Godkänn och beställ")
    assert v.path.endswith("/receipt")
    order = portal.order("fjallton", v.path.split("/")[2])
    assert order.lines[0].number == "+46701740666" and order.lines[0].user_name == "Ebba Lindqvist"
    assert portal.sql("select state from number where e164 = '+46701740666'") == [("allocated",)]


def test_the_danish_article(portal: Portal) -> None:
    """Abonnementer -> Opret nyt abonnement, the subscription, two columns, read it through, change something, approve."""
    portal.speak("baeltkom", "buyer", "da")
    v = portal.visitor("baeltkom", "buyer").open("/home")
    v.follow("Abonnementer")
    v.click("Opret nyt abonnement")
    v.press(first_button(v), product="BK-MOBIL")
    titles = v.texts("panel-title")
    assert titles[:2] == ["Brugeroplysninger", "Nummer og mobilpakke"] and "Datadelingskort" in titles
    assert list(offered(v, "number_source").values()) == ["Nyt nummer", "Flyt eksisterende nummer"] or set(
        offered(v, "number_source")
    ) == {"new", "port"}
    user = {
        "user.first": "Åse", "user.last": "Ørsted", "user.initials": "ÅØ", "user.title": "Sælger",
        "user.email": "aase@havnenshandel.example",
    }  # fmt: skip
    for question, typed in user.items():
        put(v.form, question, typed)
    put(v.form, "number_source", "port")
    put(v.form, "data", "BK-XL")
    put(v.form, "binding", "none")
    put(v.form, "pbx", "pbx")
    v.press("Gå til ordrebekræftelse")
    assert v.status == 200 and v.errors == [], "questions that have come up are asked, not complained about"
    assert v.fields["user.first"] == "Åse"
    labels = [" ".join(each.text_content().split()) for each in v.dom.xpath("//label | //legend")]
    assert any("Gyldig e-mailadresse til indehaver/underskriver" in each for each in labels) or "port.email" in v.asks()
    owner = {
        "port.number": "20 00 00 57", "port.operator": "Sundtel", "port.customer_no": "8844", "port.owner_type": "employee",
        "port.signatory": "employee", "port.email": "aase.privat@post.example", "port.mode": "asap",
        "port.owner_address": "Havnegade 1, 8000 Aarhus C", "port.binding_ack": "yes", "port.owner_name": "Åse Ørsted",
        "port.present_icc": "8945990000000000018", "data_cards": "2", "delivery": "new", "delivery.name": "Åse", "delivery.street": "Havnegade 1",
        "delivery.zip": "8000", "delivery.city": "Aarhus C",
    }  # fmt: skip
    for _ in range(4):
        if not v.path.endswith("/lines/1"):
            break
        for question, typed in owner.items():
            if question in v.form.inputs and question in v.asks():
                put(v.form, question, typed)
        v.press("Gå til ordrebekræftelse")
        assert v.status == 200, v.errors
    assert v.path.endswith("/review") and "Åse Ørsted" in v.text
    v.press("Jeg ønsker at rette i min bestilling")
    assert v.fields["user.title"] == "Sælger", "filled in as it was left"
    v.press("Gå til ordrebekræftelse", **{"user.title": "Salgschef"})
    assert v.path.endswith("/review") and "Salgschef" in v.text and "20 00 00 57" in v.text
    put(v.form, "terms", "yes")
    v.press("Godkend og opret")
    assert v.path.endswith("/receipt")
    order = portal.order("baeltkom", v.path.split("/")[2])
    assert order.lines[0].porting and order.lines[0].porting.e164 == "+4520000057"
    assert order.lines[0].porting.signer_email == "aase.privat@post.example"


def test_a_free_number_of_the_company_at_baeltkom(portal: Portal) -> None:
    """Har I ledige numre, kan du vælge et af dem i feltet Mobilnummer."""
    portal.speak("baeltkom", "owner", "da")
    v = portal.visitor("baeltkom").open("/orders/new")
    v.press(first_button(v), product="BK-MOBIL")
    put(v.form, "number_source", "new")
    v.press(portal.words("baeltkom", "da").say("button.update"))
    assert v.status == 200 and v.errors == []
    assert set(offered(v, "reserved_number")) >= {"+4520000084", "+4520000085"}
    assert first_button(v) == "Gå til ordrebekræftelse"


def offered(visitor: object, question: str) -> dict[str, str]:
    """The answers to choose among, with their words."""
    dom = visitor.dom  # type: ignore[attr-defined]
    found = {}
    for box in dom.xpath(f"//input[@name='{question}'][@type='radio']"):
        label = dom.xpath(f"//label[@for='{box.get('id')}']//*[contains(@class, 'option-label')]")
        found[box.get("value")] = " ".join(label[0].text_content().split())
    for option in dom.xpath(f"//select[@name='{question}']/option"):
        found[option.get("value")] = " ".join(option.text_content().split())
    return found
