"""One cluster for all tests of a file."""

import pytest

from tests.support.cluster import Cluster, obstacle


@pytest.fixture(scope="module")
def cluster():
    reason = obstacle()
    if reason:
        pytest.skip(reason)
    cluster = Cluster()
    yield cluster
    cluster.stop()
    assert not cluster.processes()
