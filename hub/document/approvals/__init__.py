"""Approval flows: who must sign before a step is taken, declared as data or beside the step.

`conditions` is the language, `values` what its names mean, `flows` which rule applies, `people` who signs by it,
`guard` what stands before a verb, `verbs` what signers do. No type of the business is known here.
"""

from hub.document.approvals.words import (
    ApprovalState,
    Place,
    SelfApproval,
    SignerKind,
    SignerMode,
    TaskState,
)

__all__ = ["ApprovalState", "Place", "SelfApproval", "SignerKind", "SignerMode", "TaskState"]
