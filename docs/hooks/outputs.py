"""What a command prints, run when the site is built.

``<!-- output: stancecraft issues -->`` becomes its output as it is, and ``<!-- rows: speaker, text: stancecraft predict
talk.txt --format csv -->`` a table of some columns of the first rows that it writes.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_OUTPUT = re.compile(r"^<!-- output: stancecraft (.*) -->$", re.M)
_ROWS = re.compile(r"^<!-- rows: ([\w, ]+): stancecraft (.*) -->$", re.M)
_MOST = 7


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the standard output of every marked command in its place."""
    root = Path(config.config_file_path).parent
    where = page.file.src_uri
    markdown = _OUTPUT.sub(lambda found: _block(_printed(found.group(1), root, where)), markdown)
    return _ROWS.sub(lambda found: _table(found.group(1).split(", "), _printed(found.group(2), root, where)), markdown)


def _printed(arguments: str, root: Path, where: str) -> str:
    command = [sys.executable, "-m", "stancecraft", *arguments.split()]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "COLUMNS": "100"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PluginError(f"{where}: `stancecraft {arguments}` failed: {done.stderr.strip()}")
    return done.stdout


def _block(printed: str) -> str:
    lines = "\n".join(line.rstrip() for line in printed.splitlines())
    return f"``` {{.text .output}}\n{lines}\n```"


def _table(columns: list[str], printed: str) -> str:
    rows = [[row[column].replace("|", "\\|") for column in columns] for row in csv.DictReader(printed.splitlines())]
    lines = [columns, ["---"] * len(columns), *rows[:_MOST]]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f'<div class="rows" markdown>\n\n{table}\n\n</div>'
