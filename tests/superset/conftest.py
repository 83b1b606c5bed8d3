"""The dashboards brought into the tests' Superset."""

from __future__ import annotations

from pathlib import Path

import pytest

from superset_config.provision import ProvisionReport, provision
from superset_config.specs import SPECS
from tests.superset.running import RunningSuperset


@pytest.fixture(scope="session")
def provisioned(superset: RunningSuperset) -> ProvisionReport:
    """The report of the first provisioning; from then on the dashboard is there."""
    return provision_again(superset)


def provision_again(superset: RunningSuperset, specs: Path | None = None) -> ProvisionReport:
    password, uri = superset.password("admin"), superset.database.mart_uri
    return provision(superset.url, "admin", password, uri, specs=specs or SPECS)
