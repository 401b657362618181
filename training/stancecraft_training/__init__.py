"""What produces a stancecraft model: recipes, data, training, calibration, export, measurement.

Needs the ``[train]`` extra; ``stancecraft`` itself never imports this package.
"""
