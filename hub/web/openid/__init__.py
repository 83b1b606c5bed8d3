"""The hub as OpenID provider: whoever has signed in at the hub is known to Superset, JupyterLab and Dagster's page.

Authorization code with PKCE (OpenID Connect Core 1.0, RFC 6749, 7636), by Authlib; discovery, user info, sign-out.
"""
