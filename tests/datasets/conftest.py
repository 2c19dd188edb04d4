"""A small dataset."""

import pytest

from tests.support.fake_dataset import write_dataset


@pytest.fixture
def root(tmp_path):
    return write_dataset(tmp_path / "data")
