"""How our charts look: Chinese fonts of whoever reads the page, few colours, no link to anybody's site.

The browser draws, so the server needs neither fonts nor a network.
"""

from __future__ import annotations

import plotly.graph_objects
import plotly.io

FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
COLOURS = ["#2f6fab", "#e08e2b", "#4a9a6a", "#c0504d", "#7a68a6"]
COUNTS = {"rangemode": "tozero", "tickmode": "auto", "tickformat": ",d", "minallowed": 0}
"""An axis of things that are counted: from zero, whole numbers."""
STAYS_HERE = {"displaylogo": False, "plotlyServerURL": "", "modeBarButtonsToRemove": ["sendChartToCloud"]}
"""Without this a button over every chart sends its data to the cloud of plotly's maker."""


def use_house_style() -> None:
    """Make the house style the default of every figure in this kernel."""
    layout = {"font": {"family": FONTS, "size": 13}, "colorway": COLOURS, "title": {"x": 0.02}, "bargap": 0.3}
    layout |= {"margin": {"l": 60, "r": 60, "t": 90, "b": 50}, "height": 420}
    layout |= {"legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"}}
    plotly.io.templates["shuniu"] = plotly.graph_objects.layout.Template(layout=layout)
    plotly.io.templates.default = "plotly_white+shuniu"
    plotly.io.renderers["plotly_mimetype"].config = STAYS_HERE
