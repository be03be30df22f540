"""Where the files lie that come with the code: in a checkout beside it, in an installed package within it."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
IS_CHECKOUT = (_PACKAGE.parent / "pyproject.toml").is_file()
ROOT = _PACKAGE.parent if IS_CHECKOUT else Path.cwd()
"""What paths begin with that nobody has set: the checkout, or the folder an installed command is started in."""

_SHIPPED = _PACKAGE.parent if IS_CHECKOUT else _PACKAGE / "shipped"  # setup.py puts them there
CATALOGUES = _SHIPPED / "translations"
ASSETS_LIST = _SHIPPED / "requirements" / "assets.txt"
