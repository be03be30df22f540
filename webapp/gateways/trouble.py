"""The two ways in which an outside system fails us; knows none of them."""

from __future__ import annotations


class Permanent(Exception):
    """It will never be done; somebody must look at it. The text is a code and holds nothing personal."""


class Temporary(Exception):
    """It did not work this time."""
