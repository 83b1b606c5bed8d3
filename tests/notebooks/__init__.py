"""Tests of the analysts' part: the client, the notebooks, JupyterLab."""
