"""`python -m webapp.cli`, which is what `./run cli` starts; holds no command."""

from webapp.cli import cli

cli(prog_name="./run cli")
