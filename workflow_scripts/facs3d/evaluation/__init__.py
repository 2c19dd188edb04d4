"""From predictions to numbers: metrics, tests, tables, occlusion. Knows neither HTML nor
figures."""
