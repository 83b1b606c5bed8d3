"""The contents of attachments: encrypted files under HUB_HOME, named by what they hold."""
