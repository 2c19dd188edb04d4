"""The synthetic dataset: rendered video of faces whose action units are known exactly.

One public-domain portrait is made neutral and split into layers (``portrait``), turned into
subjects (``identity``), animated by FACS action units (``expression``) along drawn time courses
(``performance``), rendered (``rendering``) and written in the BP4D+ layout (``dataset``). A second
source of people is a parametric model (``heads``).
"""
