"""``python -m stancecraft``, which launchers of several processes need."""

from stancecraft.cli import app

app()
