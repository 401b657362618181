"""Charts as SVG, by ziaplot: pure Python, 0.1 MB, no dependency, where others bring a browser engine or 30 MB.

Colours are ``currentColor`` and three that stand out on light and dark ground alike for people of all kinds of colour
vision (Okabe and Ito 2008); lines also differ in dashes and dots in shape.
"""

from __future__ import annotations

import re

from stancecraft.report.layout import Chart

_COLOURS = ("#0072b2", "#d55e00", "#009e73")
_DASHES = ("solid", "dashed", "dotted")
_MARKERS = ("round", "square", "triangle")
_WIDTH, _HEIGHT = 460, 340
_THEME = """
* { color: currentColor; edge_color: currentColor; font_size: 13; }
Canvas { color: none; }
Graph { color: none; edge_color: currentColor; edge_width: 1; }
Graph.GridX { color: #8886; }
Graph.GridY { color: #8886; }
Graph.TickX { stroke_width: 1; height: 5; }
Graph.TickY { stroke_width: 1; height: 5; }
Graph.Legend { color: none; edge_color: none; edge_width: 0; }
PolyLine { edge_color: currentColor; }
"""


def draw(chart: Chart, name: str) -> str:
    """One chart as an SVG element.

    Args:
        chart: What to draw.
        name: Unique in the page; it goes before the ids inside the element.
    """
    import ziaplot

    with ziaplot.Graph().css(_THEME).size(_WIDTH, _HEIGHT).axesnames(chart.x, chart.y) as graph:
        graph.xrange(0, 1).yrange(0, 1)
        if chart.diagonal:
            ziaplot.PolyLine([0, 1], [0, 1]).stroke("dotted").color("gray").strokewidth(1)
        for at, line in enumerate(chart.lines):
            if not line.points:
                continue
            drawn = ziaplot.PolyLine([x for x, _ in line.points], [y for _, y in line.points])
            drawn.color(_COLOURS[at % 3]).stroke(_DASHES[at % 3]).name(line.name)
            if line.dots:
                drawn.marker(_MARKERS[at % 3], radius=4)
        graph.legend("topleft" if chart.diagonal else "topright")
    return _own_ids(graph.tosvg(), name)


def _own_ids(svg: str, name: str) -> str:
    """Ids must be unique in a page of several charts."""
    return re.sub(r'( id="|url\(#)', rf"\1{name}-", svg)
