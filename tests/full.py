"""Whether every combination is to be tried (`./run test --full`), or of each the one that shows most; knows no test."""

from __future__ import annotations

import os

FULL = bool(os.environ.get("SKYLT_TEST_FULL"))
