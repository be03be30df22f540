"""The cookie that stands for a login session: a random token whose hash is a row that can be revoked; knows no password."""

from __future__ import annotations

from flask import Flask, Response

from webapp.operations.people.sign_in import hash_of as hash_of


def COOKIE(app: Flask) -> str:
    """Its name: host-only by prefix where we are reached by https."""
    return "__Host-login" if app.config["SESSION_COOKIE_SECURE"] else "login"


def set_cookie(app: Flask, response: Response, token: str) -> Response:
    """Gives the browser its token until it is closed or the session ends."""
    response.set_cookie(
        COOKIE(app), token, httponly=True, secure=app.config["SESSION_COOKIE_SECURE"], samesite="Lax", path="/"
    )
    return response


def drop_cookie(app: Flask, response: Response) -> Response:
    """Takes the token back and has the browser forget what it kept of the pages."""
    response.delete_cookie(COOKIE(app), path="/", secure=app.config["SESSION_COOKIE_SECURE"], httponly=True)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
