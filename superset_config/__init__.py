"""The decision makers' dashboards: Superset's environment, configuration, start and provisioning.

The modules superset_config.py and bootstrap.py run in Superset's own interpreter, all others in the product's; none
imports hub.
"""
