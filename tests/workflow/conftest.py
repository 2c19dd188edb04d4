"""The tiny run, done once for all tests of the workflow."""

import shutil

import pytest

from tests.support.checkout import Checkout, make_checkout


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Checkout:
    """A checkout in which the tiny run has completed; tests that change it work on a copy."""
    checkout = make_checkout(tmp_path_factory.mktemp("finished") / "checkout")
    done = checkout.snakemake()
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def copy_of_finished(finished, tmp_path) -> Checkout:
    """The finished run with its history, free to be changed."""
    shutil.copytree(finished.folder, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")
