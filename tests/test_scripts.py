"""Every command line as the workflow starts it: a process of its own."""

import argparse

import pytest

from tests.support.scripts import NAMES, run_process, run_script


class Found(Exception):
    """The parser of a script, which is not asked any further."""


def flags(name: str, monkeypatch) -> set[str]:
    """What a script's parser takes, of its own telling."""

    def find(parser, *_):
        raise Found(parser)

    with monkeypatch.context() as patched:
        patched.setattr(argparse.ArgumentParser, "parse_args", find)
        patched.setattr(argparse.ArgumentParser, "parse_known_args", find)
        with pytest.raises(Found) as found:
            run_script(name)
    return {flag for action in found.value.args[0]._actions for flag in action.option_strings}


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_the_script_does_and_every_flag(name, monkeypatch):
    done = run_process(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    usage, description, *_ = done.stdout.split("\n\n")
    assert usage.startswith(f"usage: {name}.py")
    assert description.strip().endswith(".")
    assert flags(name, monkeypatch) <= set(done.stdout.replace(",", " ").split())
