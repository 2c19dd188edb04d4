"""Figures: one module a family, each turning data into a matplotlib figure; `style` writes them."""
