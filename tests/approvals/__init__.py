"""Approval flows: the language, the flow of signatures, the story over the verbs and HTTP."""
