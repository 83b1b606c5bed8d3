"""Speed shown against a peer in the same run: alternating rounds, medians, ratios. Never part of the tests."""
