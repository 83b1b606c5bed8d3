"""The analysts' part: a client, charts, the example notebook, and the runner that makes pages of notebooks."""
