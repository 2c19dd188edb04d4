"""What all rules share: the complete config, the videos, code digests, resource classes."""

import json
import os
import re
import shlex
import sys
from functools import partial
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.settings.types import DeploymentMethod

BASE = Path(str(workflow.current_basedir)).parent
SCRIPTS = BASE / "workflow_scripts"
sys.path.insert(0, str(SCRIPTS))

from facs3d.core.action_units import PAPER_AUS, au_column
from facs3d.core.errors import InputError
from facs3d.datasets.sheet import SAFE_NAME, check_folds, read_sheet
from facs3d.datasets.watched import label_files
from facs3d.planning.code_digest import code_digest
from facs3d.planning.commands import flags, positive_flag
from facs3d.planning.countdown import Countdown
from facs3d.planning.config import check_names, complete_config
from facs3d.planning.disk import from_the_future, obstacle
from facs3d.planning.groups import say_why_groups_fail
from facs3d.planning.jobs import job_prefix
from facs3d.planning.multiverse import plan_multiverse
from facs3d.planning.progress import seen_from, show_steps
from facs3d.planning.seeds import seed_of_repeat
from facs3d.report.prediction_index import write_index
from facs3d.synthetic.names import synthetic_subjects
from facs3d.synthetic.sheet import synthetic_sheet
from facs3d.video.file_names import fingerprint

prefix = job_prefix(DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method)
say_why_groups_fail()
# A workflow that uses this one as a module says what it likes.
if workflow.modifier.is_main_snakefile():
    show_steps(workflow)
# Snakemake formats it.
shell.prefix(prefix.replace("{", "{{").replace("}", "}}"))


onstart:
    sources = [path for video in videos for path in (video.path, video.label_path)]
    if problem := obstacle("results") or from_the_future(
        RESULTS, [*sources, *NEW_VIDEOS.values()]
    ):
        raise WorkflowError(problem)
    if asked_for("predict"):
        logger.addHandler(Countdown(jobs_of_new_videos()))


onsuccess:
    if asked_for("predict"):
        print(write_index(Path(SEEN), NEW_VIDEOS, "aus.mp4" in PREDICTED), file=sys.stderr)
    elif {*workflow.dag_settings.targets} <= {"all"}:
        print(LOOK_FIRST, file=sys.stderr)


onerror:
    if problem := obstacle("results"):
        print(f"error: {problem}", file=sys.stderr)
    elif asked_for("predict"):
        print(write_index(Path(SEEN), NEW_VIDEOS, "aus.mp4" in PREDICTED), file=sys.stderr)


def asked_for(*targets: str) -> bool:
    """Whether the command line names one of the targets, which a workflow that uses this one as a
    module may give a prefix.

    Snakemake tells no target while it reads the rules; a cluster job says `index_videos:`.
    """
    return any(re.fullmatch(rf"(\w+_)?({'|'.join(targets)})(:.*)?", word) for word in sys.argv)


def read_videos(dataset: dict, synthesis: dict, root: str) -> list:
    """The videos of the configured dataset; the synthetic one's follow from its size.

    None where `index_videos` is to write the sheet, or `predict` does without.
    """
    if dataset["synthesize"]:
        videos = synthetic_sheet(root, synthesis["subjects"], synthesis["videos_per_subject"])
    elif asked_for("index_videos", *PREDICTION) and not Path(dataset["sheet"]).exists():
        return []
    else:
        videos = read_sheet(dataset["sheet"])
    check_folds(videos, dataset["folds"])
    check_names([video.video for video in videos], config)
    return videos


try:
    config = complete_config(config, BASE / "config" / "schemas" / "config.schema.yaml")
except InputError as error:
    raise WorkflowError(str(error))

DATASET = config["dataset"]["name"]
RESULTS = f"results/{DATASET}"
SEEN = seen_from(workflow.rundir, RESULTS)
LOOK_FIRST = f"""Look first at
    {SEEN}/tables/table1.html               scores of each AU (Table I)
    {SEEN}/figures/occlusion_maps_auc.png   by what part of the face AUs are told
`make report` puts everything on one page."""
SYNTHESIZE = config["dataset"]["synthesize"]
ROOT = f"{RESULTS}/dataset" if SYNTHESIZE else config["dataset"]["root"]
SHEET = [] if SYNTHESIZE else config["dataset"]["sheet"]
MODELS = config["models"]
FOLDS = range(1, config["dataset"]["folds"] + 1)
REPEATS = range(1, config["evaluation"]["repeats"] + 1)
OTHER_DATASETS = config["evaluation"]["other_datasets"]
OCCLUSION_RUNS = config["figures"]["occlusion_runs"]
OCCLUDED_DATASETS = OTHER_DATASETS if config["figures"]["occlusion_other_datasets"] else []
PREDICTION = (
    "predict",
    "register_new_video",
    "predict_aus",
    "plot_aus",
    "find_events",
    "page_aus",
    "draw_aus",
)

try:
    videos = read_videos(config["dataset"], config["synthesis"], ROOT)
except InputError as error:
    raise WorkflowError(str(error))
VIDEOS = {video.video: video for video in videos}
TASKS = sorted({video.task for video in videos})


pathvars:
    results=RESULTS,
    logs=f"{RESULTS}/logs",
    benchmarks=f"{RESULTS}/benchmarks",


wildcard_constraints:
    video=SAFE_NAME,
    model="|".join(MODELS),
    repeat="|".join(map(str, REPEATS)),
    fold="|".join(map(str, FOLDS)),


REGISTRATION = "../envs/registration.yaml"
TRAINING = "../envs/training.yaml"
ANALYSIS = "../envs/analysis.yaml"


def growing(megabytes: int):
    """Memory that grows with every attempt."""
    return lambda wildcards, attempt: megabytes * attempt


def gpu_job(section: str, megabytes: int) -> dict:
    """Resources of a job of this config section: a GPU, unless it is told to use the CPU.

    One that has not ended in its time goes on where it was, when it is tried again.
    """
    on_gpu = int(config[section]["device"] != "cpu")
    return {"gpu": on_gpu, "mem_mb": growing(megabytes), "runtime": "2h"}


# Without a limit Snakemake would start every GPU job at once; `--resources gpu=N` raises it.
if "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", 1)

# Run times are several times what was measured (seconds; 100 frames/s are registered), for a group of
# videos asks for the sum over all that one core has to do, and partitions have limits.
QUICK = {"mem_mb": 1000, "runtime": "5m"}
FIGURE = {"mem_mb": 4000, "runtime": "5m"}
WHOLE_DATASET = {"mem_mb": 4000, "runtime": "1h"}
VIDEO = {"mem_mb": growing(2000), "runtime": "10m"}
LONG_VIDEO = {"mem_mb": growing(2000), "runtime": "2h"}


def program(script: str, *layout: str) -> dict:
    """Params of what runs a script: its path, and a digest of its code and, where it reads
    one, of the dataset's layout. A change of code reruns the rule; the path is not tracked."""
    path = SCRIPTS / script
    more = [SCRIPTS / "facs3d" / "datasets" / f"{name}.py" for name in layout]
    return {
        "script": lambda wildcards, input: shlex.quote(str(path)),
        "code": lambda wildcards: code_digest(path, *more),
    }


LAYOUT = config["dataset"]["layout"]
LABELS = (
    f"--layout {LAYOUT} {positive_flag(config['dataset']['positive'])} --action-units "
    + " ".join(map(str, config["dataset"]["action_units"]))
)

# clips.h5 is too large for Snakemake to tell a touch from a change: its digest is what is watched.
CLIPS = {"clips": ancient("<results>/clips.h5"), "digest": "<results>/clips.sha256"}
FOLDS_FILE = "<results>/folds/repeat{repeat}.csv"
PLACE = "{model}/repeat{repeat}/fold{fold}"
RUN = f"<results>/models/{PLACE}"
RUN_NAME = "{model}_repeat{repeat}_fold{fold}"
of_every_run = partial(expand, model=MODELS, repeat=REPEATS, fold=FOLDS)
PREDICTIONS = of_every_run(f"{RUN}/predictions.csv")
# Figures of frames show each frame once.
FIRST_PREDICTIONS = of_every_run(f"{RUN}/predictions.csv", repeat=1)
of_every_video = partial(expand, video=VIDEOS)

# Of people rendered without videos, clips are made at once.
CLIPS_ONLY = SYNTHESIZE and not config["synthesis"]["write_videos"]
CLIP = f"<results>/{'rendered' if CLIPS_ONLY else 'clips'}/{{video}}.h5"

CATEGORIES = {
    "claims": "1 Claims",
    "data": "2 Data",
    "training": "3 Training",
    "results": "4 Results",
    "interpretation": "5 Interpretation",
}


def seed_of(number: int) -> int:
    """The seed of repeat or split ``number``, 1, 2, …"""
    return seed_of_repeat(config["seed"], number)


def split_number(wildcards) -> int:
    """Which split the repeat uses: several in succession may share one."""
    return -(-int(wildcards.repeat) // config["evaluation"]["seeds_per_split"])


def shown(path: str, category: str, title: str):
    """Mark a file to be shown in the report, with the caption named like it, wildcards apart.

    `category` is a key of CATEGORIES; numbers there keep them in order of reading.
    """
    stem = Path(path).stem.partition("_{")[0]
    return report(
        path,
        category=CATEGORIES[category],
        labels={"result": title},
        caption=str(BASE / "report" / f"{stem}.rst"),
    )


def figure(name: str, category: str, title: str) -> dict:
    """A figure's two files, as outputs."""
    return {
        "png": shown(f"<results>/figures/{name}.png", category, title),
        "pdf": f"<results>/figures/{name}.pdf",
    }


def named_file(path: str) -> str:
    """A file that the config names: in the working directory, else beside the workflow."""
    return path if os.path.exists(path) else str(BASE / path)


def paper_table(number: int) -> str | list:
    """The paper's Table I or II; [] for none."""
    path = config["evaluation"][f"paper_table{number}"]
    return named_file(path) if path else []


def option(flag: str, value: str | list | None) -> str:
    """A command-line option, or nothing where there is no value for it."""
    return f"{flag} {shlex.quote(value)}" if value else ""


def on_disk(path: str) -> str:
    """What Snakemake can watch of a sheet's path: itself, or the nearest parent there is.

    For a folder inside a zip that is the zip. For a file that is gone it is some folder: the job
    then excludes the video, saying so, where a missing input would stop all others.
    """
    if SYNTHESIZE:
        return path
    return next(str(p) for p in (Path(path), *Path(path).parents) if p.exists())


def listed(wildcards):
    """The video of the wildcards, as the sheet lists it."""
    if wildcards.video not in VIDEOS:
        raise WorkflowError(f"there is no video {wildcards.video!r} in the dataset")
    return VIDEOS[wildcards.video]


def content_of(video) -> str:
    """What tells that another recording lies where the video did; of a rendered one, nothing."""
    return "" if SYNTHESIZE else fingerprint(video.path)


def annotated_inputs(wildcards) -> list[str]:
    """The files that tell which frames of a video are annotated: not its intensities, whose
    correction registers nothing anew, unless they are all there is (DISFA)."""
    path = listed(wildcards).label_path
    files = label_files(path, []) if not SYNTHESIZE and os.path.isdir(path) else []
    return files or [on_disk(path)]


def labels_of(video) -> list[str]:
    """All files that a video's labels come from, so that a corrected one is read anew."""
    units = config["dataset"]["action_units"]
    path = video.label_path
    return [path] if SYNTHESIZE else label_files(path, units) or [on_disk(path)]


def of_other_dataset(name: str):
    """The input function for a file of the other dataset; an error says how to make it."""

    def path(wildcards) -> str:
        file = f"results/{wildcards.other}/{name}"
        if not Path(file).exists():
            raise WorkflowError(
                f"evaluation.other_datasets: there is no {file}; make it with\n"
                f"    snakemake assemble_clips --cores all --configfile <the config of "
                f"{wildcards.other}>"
            )
        return file

    return path


def of_controls(names, datasets):
    """The input function for files of the controls' datasets; an error says how to make them."""
    names = [names] if isinstance(names, str) else names

    def paths(wildcards) -> list[str]:
        files = [f"results/{dataset}/{name}" for dataset in datasets for name in names]
        for file in files:
            if not Path(file).exists() and not file.startswith(f"{RESULTS}/"):
                raise WorkflowError(f"controls: there is no {file}; `make controls` makes it")
        return files

    return paths


def some(files: list[str], lacking: str):
    """The input function for these files; an error, which says what is lacking, if there is none."""

    def paths(wildcards) -> list[str]:
        if not files:
            raise WorkflowError(lacking)
        return files

    return paths


def nothing_else(wildcards) -> list:
    """No input; an error if `index_videos` is asked for together with what needs its sheet."""
    others = {
        target
        for target in workflow.dag_settings.targets
        if not re.fullmatch(r"(\w+_)?index_videos", target)
    }
    if others:
        raise WorkflowError(
            f"index_videos writes the sheet that {', '.join(sorted(others))} would be planned by; "
            "run it alone, look at the sheet, then run the rest"
        )
    return []


def jobs_of_new_videos() -> dict[int, str]:
    """The new video of every job that this run has to do, by the job's number."""
    return {
        workflow.dag.jobid(job): job.wildcards.new_video
        for job in workflow.dag.needrun_jobs()
        if "new_video" in job.wildcards.keys()
    }


def new_video() -> dict:
    """Params: the file, and what tells that another one lies in its place. No input: that would be
    a pattern to Snakemake, and its time says little (a copy keeps the old one, a touch changes it).
    """
    return {
        # Not an option, were it called -clip.mp4.
        "video": lambda wildcards: os.path.join(".", NEW_VIDEOS[wildcards.new_video]),
        "content": lambda wildcards: fingerprint(NEW_VIDEOS[wildcards.new_video]),
    }


def split_file(number: int) -> str:
    """The folds of split 1, 2, …; the first is the main run's."""
    folder = RESULTS if number == 1 else f"{RESULTS}/multiverse"
    return f"{folder}/folds/repeat{number}.csv"


def predictions_of_training(wildcards) -> list[str]:
    """Both models' predictions of the folds of a multiverse's training: the main run's if it is
    one of that."""
    repeat = TRAININGS[wildcards.training].repeat(config)
    run = f"{RUN}/predictions.csv" if repeat else f"{OTHER_RUN}/predictions.csv"
    folds = FOLDS if SOME_FOLDS == "all" else SOME_FOLDS
    named = {"training": wildcards.training, "model": COMPARED, "repeat": repeat or 1}
    return expand(run, **named, fold=folds)
