"""Homes, temporary folders, users, masks and paths that are not as at the developer's."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, make_checkout

pytestmark = pytest.mark.workflow

PORTRAIT = "results/tiny/dataset/portrait.npz"
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--configfile", "tiny.yaml", "--cores", "1")
NOBODY = 65534


def run(
    checkout: Checkout, before: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*before, *SNAKEMAKE, "--", PORTRAIT],
        cwd=checkout.folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def as_a_user() -> tuple[str, ...]:
    """What to put before a command so that it may write no more than its own: nothing, unless root
    runs the tests, whose Python others need not be allowed to read."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root cannot become another user without setpriv")
    reading = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
    user = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    # Else access(2), which os.access asks, would forget the capability.
    return ("setpriv", *user, *reading, "--securebits=+no_setuid_fixup")


def owned(checkout: Checkout) -> Checkout:
    """Give a checkout to the user of `as_a_user`."""
    if os.geteuid() == 0:
        for path in [checkout.folder, *checkout.folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
    return checkout


def test_a_path_with_spaces_quotes_and_letters_of_other_languages(tmp_path):
    checkout = make_checkout(tmp_path / "Ordner mit 'Käse' und 日本語 $HOME")
    done = run(checkout)
    assert done.returncode == 0, done.stderr
    assert (checkout.folder / PORTRAIT).is_file()


@pytest.mark.parametrize("home", ["/dev/null", "/proc"])
def test_no_home(tmp_path, home):
    done = run(make_checkout(tmp_path / "checkout"), HOME=home)
    assert done.returncode == 0, done.stderr


def test_a_user_who_may_write_in_the_checkout_only(tmp_path):
    sealed = tmp_path / "sealed"
    sealed.mkdir()
    sealed.chmod(0o555)
    checkout = owned(make_checkout(tmp_path / "checkout"))
    home = {"HOME": str(sealed), "TMPDIR": str(sealed)}
    done = run(checkout, as_a_user(), **home)
    assert done.returncode == 0, done.stderr
    assert not list(sealed.iterdir())


def test_nothing_is_for_others_under_a_mask_that_says_so(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    mask = ("sh", "-c", 'umask 077; exec "$@"', "sh")
    done = run(checkout, mask)
    assert done.returncode == 0, done.stderr
    written = list((checkout.folder / "results").rglob("*"))
    assert checkout.folder / PORTRAIT in written
    for path in written:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_called_by_its_path_and_with_another_python_in_front(tmp_path):
    checkout = make_checkout(tmp_path / "checkout")
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho another python >&2; exit 1\n")
    other.chmod(0o755)
    done = subprocess.run(
        [Path(sys.executable).parent / "snakemake", *SNAKEMAKE[3:], "--", PORTRAIT],
        cwd=checkout.folder,
        env={"PATH": f"{other.parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
