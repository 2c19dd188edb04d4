"""Prediction: a new video and trained weights -> its AUs as a table, a figure and a video.

`snakemake predict --config input=my_video.mp4`; the target itself is in the Snakefile. The weights
are named by absolute path, so that they are files as they lie and not results to be made anew:
whoever applies a network must not set off its training.
"""

from facs3d.planning.new_videos import check_networks, check_results, find_new_videos

PREDICT_FOLDS = FOLDS if config["predict"]["folds"] == "all" else config["predict"]["folds"]
PREDICT_WEIGHTS = [
    Path(f"results/{DATASET}/models/{config['predict']['model']}/fold{fold}/weights.pt").absolute()
    for fold in PREDICT_FOLDS
]

try:
    NEW_VIDEOS = find_new_videos(config["input"]) if config["input"] or asked_for("predict") else {}
    if asked_for("predict"):
        check_networks(PREDICT_WEIGHTS)
        check_results(NEW_VIDEOS, Path(f"results/{DATASET}/predictions"))
except InputError as error:
    raise WorkflowError(str(error))

PREDICTED = ["aus.csv", "aus.png", *(["aus.mp4"] if config["draw"] in (True, "true") else [])]


wildcard_constraints:
    new_video="|".join(map(re.escape, NEW_VIDEOS)) or "(?!)",


rule register_new_video:
    """Register the face in every frame of a new video, with its time (Sec. IV-A.1)."""
    input:
        code=code("register_new_video.py"),
        video=lambda wildcards: str(NEW_VIDEOS[wildcards.new_video]),
    output:
        faces="results/{dataset}/predictions/{new_video}.faces.h5",
        tracking="results/{dataset}/predictions/{new_video}.tracking.csv",
    log:
        "results/{dataset}/logs/register_new_video/{new_video}.log",
    benchmark:
        "results/{dataset}/benchmarks/register_new_video/{new_video}.tsv"
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime="4h",
    params:
        settings=settings("registration"),
        image_size=config["sampling"]["image_size"],
    shell:
        "python workflow_scripts/register_new_video.py --video {input.video:q}"
        " --settings {params.settings:q} --image-size {params.image_size}"
        " --output-faces {output.faces} --output-tracking {output.tracking} 2>&1 | tee {log}"


rule predict_aus:
    """The AUs in every frame of a new video, by one network or the mean of several."""
    input:
        code=code("predict_aus.py"),
        faces=rules.register_new_video.output.faces,
        tracking=rules.register_new_video.output.tracking,
        weights=list(map(str, PREDICT_WEIGHTS)),
    output:
        table="results/{dataset}/predictions/{new_video}.aus.csv",
        provenance="results/{dataset}/predictions/{new_video}.aus.json",
    log:
        "results/{dataset}/logs/predict_aus/{new_video}.log",
    benchmark:
        "results/{dataset}/benchmarks/predict_aus/{new_video}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["predict"]["threads"]
    resources:
        gpu=gpus("predict"),
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime="8h",
    params:
        action_units=config["dataset"]["action_units"],
        threshold=config["evaluation"]["threshold"],
        device=config["predict"]["device"],
    shell:
        "python workflow_scripts/predict_aus.py --faces {input.faces} --tracking {input.tracking}"
        " --weights {input.weights:q} --action-units {params.action_units}"
        " --threshold {params.threshold} --device {params.device} --threads {threads}"
        " --output {output.table} --provenance {output.provenance} 2>&1 | tee {log}"


rule plot_aus:
    """The AUs of a new video over time."""
    input:
        code=code("plot_aus.py"),
        table=rules.predict_aus.output.table,
    output:
        png="results/{dataset}/predictions/{new_video}.aus.png",
        pdf="results/{dataset}/predictions/{new_video}.aus.pdf",
    log:
        "results/{dataset}/logs/plot_aus/{new_video}.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="30m",
    shell:
        "python workflow_scripts/plot_aus.py --aus {input.table} --title {wildcards.new_video}"
        " --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule draw_aus:
    """A new video with its AUs beside the face; on request (`draw=true`)."""
    input:
        code=code("draw_aus.py"),
        table=rules.predict_aus.output.table,
        video=lambda wildcards: str(NEW_VIDEOS[wildcards.new_video]),
    output:
        video="results/{dataset}/predictions/{new_video}.aus.mp4",
    log:
        "results/{dataset}/logs/draw_aus/{new_video}.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    shell:
        "python workflow_scripts/draw_aus.py --video {input.video:q} --aus {input.table}"
        " --output {output.video} > {log} 2>&1"
