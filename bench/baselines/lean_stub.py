"""The lean stub that the goal of a partial update was taken from, rebuilt: each layer of a portal once, at its leanest. Frozen.

It has a signed session, a user who is looked up, a CSRF token, a nonce in its content security policy, 60 labels from one bound
gettext, 12 fields that are checked, and PostgreSQL by SQLAlchemy Core in one transaction: three rows read, one written. It knows
no tenant, no row-level security, no question that depends on another and no price. The goal of 9 times the bare fragment was
set where this measured 6.2 times it; what it measures here tells what 9 means on this machine. `GET /page` puts the same
layers, without the write, around the bare page.
"""

from __future__ import annotations

import gettext
import io
import secrets
import struct

from flask import Flask, Response, abort, g, render_template, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user
from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import DictLoader
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, insert, select, update

from bench.baselines.bare_flask import FRAME, MENU, PAGE, QUESTIONS, TITLE

FRAGMENT = """<div id="price" hx-swap-oob="innerHTML"><h2>{{ _("l0") }}</h2><dl>
{% for n in range(1, 27) %}<div class="row"><dt>{{ _("l" ~ n) }}</dt><dd>{{ n * 19 }} kr</dd></div>
{% endfor %}</dl><p class="note">{{ choice }}</p><ul hidden>{% for n in range(27, 60) %}{{ _("l" ~ n) }}{% endfor %}</ul></div>
"""
FIELDS = 12
DRAFTS = 20

_metadata = MetaData()
user = Table("stub_user", _metadata, Column("id", Integer, primary_key=True), Column("name", Text))
plan = Table("stub_plan", _metadata, Column("id", Integer, primary_key=True), Column("name", Text))
draft = Table("stub_draft", _metadata, Column("id", Integer, primary_key=True), Column("answers", Text))


class _User(UserMixin):
    def __init__(self, id: int, name: str) -> None:
        self.id, self.name = id, name


def fill(url: str) -> None:
    """The tables, a user, a plan and the drafts; `url` is the owner's."""
    engine = create_engine(url)
    _metadata.drop_all(engine)
    _metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(user), {"id": 1, "name": "Maja Ny"})
        connection.execute(insert(plan), {"id": 1, "name": "Fjäll 40"})
        connection.execute(insert(draft), [{"id": n, "answers": ""} for n in range(DRAFTS)])
    engine.dispose()


def create_app(url: str) -> Flask:
    """The application, on the database at `url`. `POST /sign-in` begins a session and answers with its CSRF token, `POST /fragment/{draft}` changes a draft."""
    app = Flask(__name__)
    app.secret_key = secrets.token_urlsafe(48)
    app.jinja_env.loader = DictLoader({"fragment.html": FRAGMENT, "frame.html": FRAME, "page.html": PAGE})
    engine = create_engine(url, pool_size=2)
    texts = gettext.GNUTranslations(io.BytesIO(_catalogue()))
    signer = URLSafeSerializer(app.secret_key, "csrf")
    LoginManager(app).user_loader(lambda id: _load(int(id)))

    def _load(id: int) -> _User:
        row = g.connection.execute(select(user).where(user.c.id == id)).one()
        return _User(row.id, row.name)

    @app.before_request
    def begin() -> None:
        g.nonce = secrets.token_urlsafe(16)

    @app.after_request
    def protect(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = f"default-src 'self'; script-src 'nonce-{g.nonce}'"
        return answer

    @app.post("/sign-in")
    def sign_in() -> str:
        login_user(_User(1, ""))
        session["csrf"] = secrets.token_hex(20)
        return str(signer.dumps(session["csrf"]))

    @app.post("/fragment/<int:id>")
    def fragment(id: int) -> str:
        with engine.begin() as g.connection:
            _check(signer)
            return _changed(id, texts)

    @app.get("/page/<int:id>")
    def page(id: int) -> str:
        with engine.begin() as g.connection:
            if not current_user.is_authenticated:
                abort(403)
            _read(id)
            token = signer.dumps(session["csrf"])
            labels = [texts.gettext(f"l{n}") for n in range(60)]
            return render_template("page.html", title=TITLE, menu=MENU, questions=QUESTIONS, token=token, labels=labels)

    return app


def _check(signer: URLSafeSerializer) -> None:
    try:
        if signer.loads(request.headers["X-CSRFToken"]) != session["csrf"]:
            abort(400)
    except BadSignature:
        abort(400)


def _changed(id: int, texts: gettext.NullTranslations) -> str:
    if not current_user.is_authenticated:
        abort(403)
    fields = list(request.form.items())[:FIELDS]
    if any(len(value) > 100 or not value.isprintable() for _, value in fields):
        abort(422)
    _read(id)
    g.connection.execute(update(draft).where(draft.c.id == id).values(answers=repr(fields)))
    return render_template("fragment.html", choice=request.form.get("data", ""), _=texts.gettext)


def _read(id: int) -> None:
    g.connection.execute(select(plan).where(plan.c.id == 1)).one()
    g.connection.execute(select(draft).where(draft.c.id == id)).one()


def _catalogue() -> bytes:
    """A compiled catalogue of the 60 labels, in the format of GNU gettext."""
    pairs = [(b"", b"Content-Type: text/plain; charset=UTF-8\n")]
    pairs += sorted((f"l{n}".encode(), f"Artikel {n} & tillval".encode()) for n in range(60))
    texts, sizes = b"", []
    start = 28 + 16 * len(pairs)
    for part in (0, 1):
        for pair in pairs:
            sizes.append((len(pair[part]), start + len(texts)))
            texts += pair[part] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(struct.pack("<2I", *size) for size in sizes) + texts
