"""Figures: one module per family, turning data into a matplotlib figure; `style` writes them."""
