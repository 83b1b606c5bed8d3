"""The ledgers: what is posted, what balances, what PostgreSQL refuses."""
