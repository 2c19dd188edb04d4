"""What all rules share: the checked config, the video sheet, code inputs, GPU and memory defaults."""

import json
import os
import re
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "workflow_scripts"
sys.path.insert(0, str(SCRIPTS))

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.planning.code_digest import code_files
from facs3d.planning.config import check_config, check_names
from facs3d.planning.disk import obstacle
from facs3d.core.errors import InputError
from facs3d.video.image_names import folder_fingerprint
from facs3d.datasets.watched import label_files
from facs3d.core.program import PARENTS
from facs3d.datasets.sheet import SAFE_NAME, check_folds, read_sheet
from facs3d.synthetic.sheet import synthetic_sheet

CONFIG_SCHEMA = Path(workflow.basedir) / "config" / "schemas" / "config.schema.yaml"

# A job's shell tells it who it must not outlive: Snakemake, were that killed, and the shell.
shell.prefix(f'set -euo pipefail; export {PARENTS}="$PPID $$"; ')


onstart:
    if problem := obstacle("results"):
        raise WorkflowError(problem)


onerror:
    if problem := obstacle("results"):
        print(f"error: {problem}", file=sys.stderr)


def read_videos(dataset: dict, synthesis: dict) -> list:
    """The videos of the configured dataset; the synthetic one's follow from its size.

    None where `index_videos` is asked to write the sheet, or `predict` needs none.
    """
    if dataset["synthesize"]:
        videos = synthetic_sheet(
            synthetic_root(dataset["name"]),
            synthesis["subjects"],
            synthesis["videos_per_subject"],
        )
    elif only_indexing() or (only_predicting() and not Path(dataset["sheet"]).exists()):
        return []
    else:
        videos = read_sheet(dataset["sheet"])
    check_folds(videos, dataset["folds"])
    return videos


def synthetic_root(name: str) -> str:
    """The folder in which the synthetic dataset is made."""
    return f"results/{name}/dataset"


def only_indexing() -> bool:
    """Whether `index_videos` is asked for, which writes the sheet that all others need."""
    return asked_for("index_videos")


def only_predicting() -> bool:
    """Whether networks are to be applied to new videos, which needs no dataset."""
    rules = ("predict", "register_new_video", "predict_aus", "plot_aus", "draw_aus")
    return any(map(asked_for, rules))


def asked_for(target: str) -> bool:
    """Whether the command line names the target.

    Snakemake tells no target while it reads the rules; a cluster job says `index_videos:`.
    """
    return any(argument.partition(":")[0] == target for argument in sys.argv)


def refuse_other_targets(wildcards) -> list:
    """No input; an error if `index_videos` is asked for together with what needs its sheet."""
    others = set(workflow.dag_settings.targets) - {"index_videos"}
    if others:
        raise WorkflowError(
            f"index_videos writes the sheet that {', '.join(sorted(others))} would be planned by; "
            "run it alone, look at the sheet, then run the rest"
        )
    return []


try:
    check_config(config, CONFIG_SCHEMA)
    videos = read_videos(config["dataset"], config["synthesis"])
    check_names([video.video for video in videos], config)
except InputError as error:
    raise WorkflowError(str(error))

VIDEOS = {video.video: video for video in videos}
DATASET = config["dataset"]["name"]
ROOT = synthetic_root(DATASET) if config["dataset"]["synthesize"] else config["dataset"]["root"]
MODELS = config["models"]
FOLDS = range(1, config["dataset"]["folds"] + 1)
SYNTHESIZE = config["dataset"]["synthesize"]
SHEET = [] if SYNTHESIZE else config["dataset"]["sheet"]
TASKS = sorted({video.task for video in VIDEOS.values()})
OCCLUSION_RUNS = config["figures"]["occlusion_runs"]
CATEGORIES = {
    "data": "1 Data",
    "training": "2 Training",
    "results": "3 Results",
    "interpretation": "4 Interpretation",
}


wildcard_constraints:
    dataset=DATASET,
    video=SAFE_NAME,
    subject=SAFE_NAME,
    model="|".join(MODELS),
    fold="|".join(map(str, FOLDS)),


def code(script: str) -> list[str]:
    """A script and the library modules it imports: a change of one of them reruns the rule."""
    return [str(path.relative_to(workflow.basedir)) for path in code_files(SCRIPTS / script)]


def shown(path: str, category: str, title: str):
    """Mark a file to be shown in the report, with the caption named like it, wildcards apart.

    `category` is a key of CATEGORIES; numbers there keep them in order of reading.
    """
    stem = Path(path).stem.partition("_{")[0]
    return report(
        path,
        category=CATEGORIES[category],
        labels={"result": title},
        caption=str(Path(workflow.basedir) / "report" / f"{stem}.rst"),
    )


def validation_page() -> list:
    """What `validate` found, for the report, once it was run."""
    page = f"results/{DATASET}/tables/data_validation.html"
    return [shown(page, "data", "Checks of the dataset")] if Path(page).exists() else []


def settings(*path: str, **more: float) -> str:
    """The config section at `path`, and `more`, as the JSON text that scripts take."""
    section = config
    for key in path:
        section = section[key]
    return json.dumps(section | more, sort_keys=True)


def option(flag: str, value: str | None) -> str:
    """A command-line option, or nothing where the config has no value for it."""
    return "" if value is None else f"{flag} {shlex.quote(value)}"


def on_disk(path: str) -> str:
    """What Snakemake can watch of a sheet's path: itself, or the nearest parent there is.

    For a folder inside a zip that is the zip. For a file that is gone it is some folder: the job
    then excludes the video, saying so, where a missing input would stop all others.
    """
    if SYNTHESIZE:
        return path
    return next(str(p) for p in (Path(path), *Path(path).parents) if p.exists())


def annotated_inputs(wildcards) -> list[str]:
    """The files that tell which frames of a video are annotated: not its intensities, whose
    correction registers nothing anew, unless they are all there is (DISFA)."""
    path = VIDEOS[wildcards.video].label_path
    files = label_files(path, []) if not SYNTHESIZE and os.path.isdir(path) else []
    return files or [on_disk(path)]


def label_inputs(wildcards) -> list[str]:
    """All files that a video's labels come from, so that a corrected one is sampled anew."""
    path = VIDEOS[wildcards.video].label_path
    units = config["dataset"]["action_units"]
    return [path] if SYNTHESIZE else label_files(path, units) or [on_disk(path)]


def label_options(wildcards) -> str:
    """The command-line options that say what the labels mean."""
    dataset = config["dataset"]
    positive = dataset["positive"]
    text = positive if isinstance(positive, str) else json.dumps(positive, sort_keys=True)
    units = " ".join(map(str, dataset["action_units"]))
    return f"--layout {dataset['layout']} --positive {shlex.quote(text)} --action-units {units}"


def gpus(section: str) -> int:
    """GPUs a job of this config section occupies: none if it is told to use the CPU."""
    return int(config[section]["device"] != "cpu")


# Without a limit Snakemake would start every GPU job at once; `--resources gpu=N` raises it.
if "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", 1)

TABLES = [
    "table1.csv",
    *(["table2.csv", "table2_stars.csv"] if len(MODELS) > 1 else []),
    "metrics_by_fold.csv",
    "metrics_by_subject.csv",
    "cooccurrence.csv",
    "occlusion_regions.csv",
    "excluded_videos.html",
    "provenance.csv",
    "recordings.csv",
]
FIGURES = [
    "occlusion_maps",
    *(f"occlusion_maps_{'_'.join(Path(run).parts)}" for run in OCCLUSION_RUNS[1:]),
    "au_regions",
    "cooccurrence",
    "time_course",
    "training_curves",
    "metric_bars",
    "roc_curves",
    "precision_recall_curves",
    "reliability",
    "registered_faces",
    "registration_quality",
    *(["synthetic_faces"] if SYNTHESIZE else []),
]
