"""Changes as they are committed: from PostgreSQL's notifications to subscriptions."""
