"""枢纽, the hub: documents, ledgers, write verbs, and the web application over them."""
