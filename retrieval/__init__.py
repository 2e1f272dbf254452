"""The retrieval engine: what publishers send becomes ranked passages. Knows neither Discord nor any language model."""
