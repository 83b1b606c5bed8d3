"""One sign-in for all pages: the hub as OpenID provider, and the pages as its clients."""
