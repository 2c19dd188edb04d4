"""Rendered people: heads of a free parametric model, lit, dressed and moved by action units.

The head file (``head_file``, made by ``extraction``) gives shapes (``geometry``) and movements
(``expression``), ``skin`` paints them, ``render`` draws them and ``camera`` films them.
"""
