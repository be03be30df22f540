"""The two ways in which an outside system fails us; knows none of them."""

from __future__ import annotations


class GatewayError(Exception):
    """What was asked was not done. `code` tells why; neither it nor the text holds anything personal."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code


class Permanent(GatewayError):
    """It will never be done; somebody must look at it."""


class Temporary(GatewayError):
    """It did not work this time; trying again may help."""
