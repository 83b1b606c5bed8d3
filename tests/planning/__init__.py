"""Plans, schedules and reports of work, over the verbs and HTTP."""
