"""A dataset validated: by the library, and by the script."""

from facs3d.datasets import bp4dplus
from facs3d.datasets.positive import positive_rules
from facs3d.datasets.validation import check_video, expected_folds, judge, summarize_aus
from facs3d.preprocessing.settings import SamplingSettings
from tests.support.fake_dataset import AUS
from tests.support.scripts import run_script


def validate(root, offset=-1, positive="occurrence", paper=None, max_excluded=0.3, clip_length=4):
    """The checked videos by name, the AUs, and the findings."""
    rules = positive_rules(positive, AUS)
    videos = bp4dplus.find_videos(root).videos
    needed = SamplingSettings(clip_length=clip_length).frames_needed
    checked = [
        check_video(video, bp4dplus, rules, offset, clip_length, needed, 200) for video in videos
    ]
    aus = summarize_aus(checked, rules, paper or {})
    folds = expected_folds(checked, {}, 2, 1)
    findings = judge(checked, aus, rules, folds, 2, offset, max_excluded)
    return {video.name: video for video in checked}, aus, findings


def validate_by_script(folder, root, *more):
    options = ["--layout", "bp4dplus", *(["--root", root] if root else [])]
    options += ["--positive", "occurrence", "--action-units", "1", "12"]
    options += ["--max-excluded", "0.3", "--folds", "2", "--seed", "1", "--frame-offset", "-1"]
    options += ["--sampling-clip-length", "4", "--output-verdict", folder / "v.txt"]
    options += ["--output-csv", folder / "v.csv", "--output-html", folder / "v.html", *more]
    return run_script("check_dataset", *options)


def say_verdict(folder):
    return run_script("validate", "--verdict", folder / "v.txt")
