"""The service: the classifier behind HTTP (needs the [serve] extra).

A request passes :mod:`~stancecraft.serving.guard` (sizes, times, token), is understood by
:mod:`~stancecraft.serving.bodies`, and is answered by :mod:`~stancecraft.serving.service`, which leaves scoring to the
one thread of :mod:`~stancecraft.serving.batching` and reading and comparing to that of
:mod:`~stancecraft.serving.desk`. Routes stand in :mod:`~stancecraft.serving.app`.
"""
