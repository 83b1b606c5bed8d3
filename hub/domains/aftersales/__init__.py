"""After the sale, a module per story; all of them are one chapter."""

from hub.domains.aftersales.complaints import QualityComplaint, ReturnRequest, ReturnRequestLine
from hub.domains.aftersales.surveys import ExperienceSurvey, SatisfactionSurvey

__all__ = ["ExperienceSurvey", "QualityComplaint", "ReturnRequest", "ReturnRequestLine", "SatisfactionSurvey"]
