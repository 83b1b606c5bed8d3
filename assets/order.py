"""In which order the steps of a run are taken where no dependency says it.

Sources are independent on purpose: when one cannot be reached, the others and the marts must go on. Dagster would
skip whatever depends on a failed step, so between sources there is only a priority, which the in-process executor
obeys.
"""

PULL = 3000
LOAD = 2000
MART = 1000
CHECK = 0


def tags(priority: int) -> dict[str, str]:
    """The tag by which Dagster takes steps that are ready: higher ones first."""
    return {"dagster/priority": str(priority)}
