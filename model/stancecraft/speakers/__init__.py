"""From a label in a transcript to a person, a role and a side, by a table and never by a guess."""

from stancecraft.speakers.loading import load, packaged, parse
from stancecraft.speakers.people import Person, Speaker, Term, fold
from stancecraft.speakers.table import Speakers

__all__ = ["Person", "Speaker", "Speakers", "Term", "fold", "load", "packaged", "parse"]
