"""What pyproject.toml cannot say of building: catalogues are compiled, and files that lie beside the code go along with it."""

from __future__ import annotations

import shutil
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


class Build(build_py):
    """For `pip install -e .` the catalogues are compiled where they lie; for a wheel they, and the list of assets, go into it."""

    def run(self) -> None:
        """Build."""
        super().run()
        place = HERE if self.editable_mode else Path(self.build_lib) / "webapp" / "shipped"
        for source in sorted((HERE / "translations").glob("*/LC_MESSAGES/messages.po")):
            target = place / source.relative_to(HERE).with_suffix(".mo")
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(source, "rb") as text, open(target, "wb") as compiled:
                write_mo(compiled, read_po(text, locale=source.parent.parent.name))
        if not self.editable_mode:
            (place / "requirements").mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / "requirements" / "assets.txt", place / "requirements")


setup(cmdclass={"build_py": Build})
