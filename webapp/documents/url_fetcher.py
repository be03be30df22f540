"""The only way by which a paper gets at bytes: our own fonts and logos, held in memory. Network and files are refused."""

from __future__ import annotations

from collections.abc import Mapping

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse


class AssetFetcher(URLFetcher):
    """Serves what was put on it under its exact address and ends the printing when anything else is asked for.

    The parent's constructor is left out on purpose: it builds openers for http, ftp and file, and loads the TLS store.
    """

    def __init__(self, served: Mapping[str, tuple[bytes, str]]) -> None:
        self._served = served
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The bytes of that address. A refusal is noted as well as raised, for inside a logo WeasyPrint skips over it."""
        if url not in self._served:
            self.refused.append(url[:200])
            raise FatalURLFetchingError(f"{url[:200]!r} is not among the assets")
        content, kind = self._served[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})
