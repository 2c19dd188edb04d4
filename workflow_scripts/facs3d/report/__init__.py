"""All that people see: tables as HTML and LaTeX, pages, figures."""
