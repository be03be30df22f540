"""How hypothesis draws here: the same examples on every machine, no clock, nothing written down.

To search further: SKYLT_EXAMPLES=2000 ./run test tests/domain draws so many, at random.
"""

from __future__ import annotations

import os

from hypothesis import settings

_more = os.environ.get("SKYLT_EXAMPLES")
settings.register_profile("same", deadline=None, derandomize=not _more, database=None, max_examples=int(_more or 60))
settings.load_profile("same")
