"""Working together: approvals, notices."""

from hub.domains.office import approvals, notices  # noqa: F401  (importing is declaring)
