"""Bare Flask: what the framework alone takes. Frozen; it knows no session, no database, no translation and no tenant.

`POST /fragment` reads a form and answers with 2 kB from an autoescaped template: a price box of 26 rows.
`GET /page` answers with 15 kB from two autoescaped templates and two macros: a frame, and a form of 12 questions with
four answers each. `GET /hello` answers with a word; it tells when a process is ready.
"""

from __future__ import annotations

from flask import Flask, render_template, request
from jinja2 import DictLoader

FRAGMENT = """<div id="price" hx-swap-oob="innerHTML"><h2>{{ title }}</h2><dl>
{% for label, amount in rows %}<div class="row{% if loop.first %} is-changed{% endif %}"><dt>{{ label }}</dt><dd>{{ amount }} kr</dd></div>
{% endfor %}</dl><p class="note">{{ choice }}</p></div>
"""

FRAME = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
<link rel="stylesheet" href="/site.css"><script src="/site.js" defer></script></head>
<body><header><nav><ul>{% for item in menu %}<li><a href="/{{ item }}">{{ item }}</a></li>{% endfor %}</ul></nav></header>
<main>{% block content %}{% endblock %}</main>
<footer><ul>{% for item in menu %}<li><a href="/{{ item }}">{{ item }}</a></li>{% endfor %}</ul>
<p>Bara Flask AB, Fjällgatan 1, 831 31 Östersund. Telefon och e-post vardagar 8–17. Villkor, personuppgifter, kakor och
tillgänglighet beskrivs på egna sidor. Priserna är utan moms om inget annat sägs, och gäller tills en ny lista kommer.</p>
</footer></body></html>
"""

PAGE = """{% extends "frame.html" %}{% block title %}{{ title }}{% endblock %}
{% block content %}
{% macro answer(q, a) %}<div class="answer"><input type="radio" id="{{ q.id }}-{{ a.value }}" name="{{ q.id }}" value="{{ a.value }}"
{% if a.chosen %} checked{% endif %} hx-post="/fragment" hx-trigger="change" hx-swap="none">
<label for="{{ q.id }}-{{ a.value }}">{{ a.label }}{% if a.price %} <span>{{ a.price }}</span>{% endif %}</label></div>
{% endmacro %}
{% macro question(q) %}<fieldset class="field" id="q-{{ q.id }}" aria-describedby="hint-{{ q.id }}"><legend>{{ q.label }}</legend>
<p class="hint" id="hint-{{ q.id }}">{{ q.hint }}</p>{% if q.error %}<p class="error">{{ q.error }}</p>{% endif %}
{% for a in q.answers %}{{ answer(q, a) }}{% endfor %}</fieldset>
{% endmacro %}
<h1>{{ title }}</h1><form method="post" action="/fragment" novalidate>
{% for q in questions %}{{ question(q) }}{% endfor %}<button type="submit">{{ title }}</button></form>{% endblock %}
"""

TITLE = "Vilket abonnemang? <Mobil & fast>"
ROWS = [(f"Artikel {n} & tillval", f"{n * 19}") for n in range(1, 27)]
MENU = ["hem", "abonnemang", "beställningar", "hjälp", "priser", "användare"]
QUESTIONS = [
    {
        "id": f"question-{n}",
        "label": f"Fråga nummer {n}",
        "hint": "Vi skickar en bekräftelse så snart beställningen är klar",
        "error": "",
        "answers": [
            {"value": f"a{m}", "label": f"Svar <{m}>", "price": f"{m * 49} kr/mån" if m else "", "chosen": m == n % 4}
            for m in range(4)
        ],
    }
    for n in range(12)
]


def create_app() -> Flask:
    """The application; gunicorn calls it too."""
    app = Flask(__name__)
    app.jinja_env.loader = DictLoader({"frame.html": FRAME, "page.html": PAGE, "fragment.html": FRAGMENT})
    app.add_url_rule("/hello", view_func=lambda: "hello", endpoint="hello")
    app.add_url_rule("/fragment", view_func=_fragment, methods=["POST"])
    app.add_url_rule("/page", view_func=_page)
    return app


def _fragment() -> str:
    return render_template("fragment.html", title=TITLE, rows=ROWS, choice=request.form.get("data", ""))


def _page() -> str:
    return render_template("page.html", title=TITLE, menu=MENU, questions=QUESTIONS)
