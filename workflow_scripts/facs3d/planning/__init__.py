"""What Snakemake asks while it reads the rules, before there is an environment.

Modules of this room import the standard library, what Snakemake itself brings, and modules of
earlier rooms that say they do the same.
"""
