"""A form wizard as django-formtools makes it. Frozen: two steps of 12 fields, sessions in SQLite, CSRF on, no login.

The measured request posts the second step with one answer missing: the wizard validates, keeps what it was told in the
session, and renders the step again. That is what this sample does when an answer changes what is shown.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
from django import forms
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

PLACE = Path(os.environ.get("BENCH_WIZARD_DIR") or tempfile.gettempdir())

TEMPLATE = """<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>Beställning</title></head><body><h1>Beställning</h1>
<form method="post">{% csrf_token %}{{ wizard.management_form }}
{% for field in wizard.form %}<div class="field"><label for="{{ field.id_for_label }}">{{ field.label }}</label>
<p class="hint">{{ field.help_text }}</p>{{ field.errors }}{{ field }}</div>{% endfor %}
<button type="submit">Fortsätt</button></form></body></html>"""

settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.sessions", "formtools"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": PLACE / "wizard.sqlite3"}},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"wizard.html": TEMPLATE})]},
        }
    ],
    USE_TZ=True,
)
django.setup()

from formtools.wizard.views import SessionWizardView  # noqa: E402 - needs the settings above

PLANS = [(f"plan-{n}", f"Abonnemang {n}") for n in range(6)]


def _form(name: str) -> type[forms.Form]:
    """Twelve fields: texts, choices, an address and a number."""
    fields: dict[str, Any] = {
        f"text_{n}": forms.CharField(label=f"Fråga {n}", help_text="En mening till hjälp", max_length=80)
        for n in range(6)
    }
    fields |= {
        f"choice_{n}": forms.ChoiceField(label=f"Val {n}", choices=PLANS, widget=forms.RadioSelect) for n in range(3)
    }
    fields |= {
        "email": forms.EmailField(label="E-post"),
        "cards": forms.IntegerField(label="Kort", min_value=0, max_value=6),
        "terms": forms.BooleanField(label="Villkor", required=False),
    }
    return type(name, (forms.Form,), fields)


class Wizard(SessionWizardView):
    """Two steps."""

    form_list = [("first", _form("First")), ("second", _form("Second"))]
    template_name = "wizard.html"

    def done(self, form_list: Any, **kwargs: Any) -> HttpResponse:
        """Never reached by the benchmark."""
        return HttpResponse("done")


def hello(request: HttpRequest) -> HttpResponse:
    """Ready."""
    return HttpResponse("hello")


urlpatterns = [path("hello", hello), path("wizard", Wizard.as_view())]
application = get_wsgi_application()

ANSWERS = {
    **{f"text_{n}": f"Svar {n}" for n in range(6)},
    **{f"choice_{n}": "plan-2" for n in range(3)},
    "email": "astrid@granitgran.example",
    "cards": "1",
}


def posted(step: str, **changed: str) -> dict[str, str]:
    """A step as a browser sends it."""
    return {"wizard-current_step": step, **{f"{step}-{name}": value for name, value in (ANSWERS | changed).items()}}


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    sys.exit(0)
