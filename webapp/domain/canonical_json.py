"""JSON as text, the same for the same value in any process; knows no value in particular."""

from __future__ import annotations

import json
from typing import Any


def as_json(value: dict[str, Any]) -> str:
    """The text of an attachment: the same for the same facts, in any process."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
