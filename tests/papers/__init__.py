"""Attachments, comments, followers, and what is stored encrypted."""
