"""What is inspected and to which standard, what did not pass, and what is done about it: a module per story."""

from hub.domains.quality.improving import CorrectiveAction, CorrectiveActionTask, NonConformance
from hub.domains.quality.inspecting import Inspection, InspectionCharacteristic, InspectionDefect
from hub.domains.quality.standards import DefectCode, InspectionStandard, InspectionStandardCharacteristic

__all__ = [
    "CorrectiveAction",
    "CorrectiveActionTask",
    "DefectCode",
    "Inspection",
    "InspectionCharacteristic",
    "InspectionDefect",
    "InspectionStandard",
    "InspectionStandardCharacteristic",
    "NonConformance",
]
