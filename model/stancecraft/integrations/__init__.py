"""The model inside other libraries' pipelines, one module per library, each imported by whoever wants it.

::

    frames          pandas, polars, pyarrow: a frame in, a frame out         stancecraft[frames]
    datasets        a function for ``Dataset.map(batched=True)``             stancecraft[datasets]
    sklearn         a classifier and a transformer                           stancecraft[sklearn]
    transformers    the task "stance-detection", on torch                    stancecraft[transformers]

The first three run the packaged graph, as ``stancecraft.load()`` does, and say what it says to the last digit. The
fourth runs the same network's weights in torch; how far they are from the graph is told in ``docs/pipelines.md``.
Nothing here is imported by the rest of the package.
"""

from __future__ import annotations
