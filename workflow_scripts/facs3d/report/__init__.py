"""All that people see: tables as HTML and LaTeX, pages, figures."""

import logging

# Where the home folder cannot be written to, Matplotlib says on stderr that it uses another.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
