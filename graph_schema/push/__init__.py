"""What the hub tells others of its own accord: webhooks of partners, notices of people; both read the outbox in order.

Each event is handed on once, in the transaction that moves the place up to which it has been read. What is told of a
document goes through the read compiler, with the rights of whoever is told.
"""
