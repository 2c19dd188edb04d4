"""Prediction: a new video and trained weights -> its AUs as a table, a figure and a video.

`snakemake predict --config input=my_video.mp4`; the target itself is in the Snakefile. The weights
are named by absolute path, so that they are files as they lie and not results to be made anew:
whoever applies a network must not set off its training.
"""

from facs3d.planning.network_files import check_fits_config, side_of_faces
from facs3d.planning.new_videos import (
    check_as_typed,
    check_networks,
    describe_passed_over,
    find_new_videos,
    replaced_videos,
)

NAMED_WEIGHTS = config["predict"]["weights"]
PREDICT_FOLDS = FOLDS if config["predict"]["folds"] == "all" else config["predict"]["folds"]
TRAINED_WEIGHTS = [
    f"{RESULTS}/models/{config['predict']['model']}/repeat1/fold{fold}/weights.pt"
    for fold in PREDICT_FOLDS
]
PREDICT_WEIGHTS = [
    str(Path(path).absolute())
    for path in ([named_file(NAMED_WEIGHTS)] if NAMED_WEIGHTS else TRAINED_WEIGHTS)
]
# A video is done before the next one is begun, where cores are few.
FIRST = 1
PREDICTED = ["aus.csv", "aus.png", "aus.events.csv", "aus.html"]
PREDICTED += ["aus.mp4"] if config["draw"] in (True, "true") else []

try:
    asked = asked_for("predict")
    if asked:
        check_as_typed(config["input"], sys.argv)
    NEW_VIDEOS = find_new_videos(config["input"]) if config["input"] or asked else {}
    if asked:
        check_networks(map(Path, PREDICT_WEIGHTS), NAMED_WEIGHTS)
        for path in PREDICT_WEIGHTS:
            check_fits_config(path, config, named=bool(NAMED_WEIGHTS))
        print(describe_passed_over(config["input"]), end="", file=sys.stderr)
        for name in replaced_videos(NEW_VIDEOS, Path(RESULTS, "predictions")):
            faces = shlex.quote(f"{RESULTS}/predictions/{name}.faces.h5")
            print(
                f"note: {NEW_VIDEOS[name]}: another recording than the one its results are of, which "
                f"are made anew; where .snakemake is lost, add --forcerun {faces}",
                file=sys.stderr,
            )
except InputError as error:
    raise WorkflowError(str(error))


wildcard_constraints:
    new_video="|".join(map(re.escape, NEW_VIDEOS)) or "(?!)",


rule register_new_video:
    """Register the face in every frame of a new video, with its time (Sec. IV-A.1)."""
    output:
        faces="<results>/predictions/{new_video}.faces.h5",
        tracking="<results>/predictions/{new_video}.tracking.csv",
    log:
        "<logs>/register_new_video/{new_video}.log",
    benchmark:
        "<benchmarks>/register_new_video/{new_video}.tsv"
    conda:
        REGISTRATION
    resources:
        **LONG_VIDEO,
    params:
        **program("register_new_video.py"),
        **new_video(),
        settings=flags(config["registration"]),
        image_size=lambda wildcards: (
            side_of_faces(PREDICT_WEIGHTS[0])
            if NAMED_WEIGHTS
            else config["sampling"]["image_size"]
        ),
        frames_per_second=config["dataset"]["frames_per_second"],
    shell:
        r"""
        python {params.script} \
            --video {params.video:q} \
            {params.settings} \
            --clip-image-size {params.image_size} \
            --frames-per-second {params.frames_per_second} \
            --output-faces {output.faces} \
            --output-tracking {output.tracking} \
            2>&1 | tee {log}
        """


rule predict_aus:
    """The AUs in every frame of a new video, by one network or the mean of several."""
    input:
        faces=rules.register_new_video.output.faces,
        tracking=rules.register_new_video.output.tracking,
        weights=PREDICT_WEIGHTS,
    output:
        table="<results>/predictions/{new_video}.aus.csv",
        provenance="<results>/predictions/{new_video}.aus.json",
    log:
        "<logs>/predict_aus/{new_video}.log",
    benchmark:
        "<benchmarks>/predict_aus/{new_video}.tsv"
    priority: FIRST
    conda:
        TRAINING
    threads: config["predict"]["threads"]
    resources:
        **gpu_job("predict", megabytes=8000),
    params:
        **program("predict_aus.py"),
        action_units=[] if NAMED_WEIGHTS else config["dataset"]["action_units"],
        threshold=config["evaluation"]["threshold"],
        baseline=flags({"baseline": config["predict"]["baseline"]}),
        device=config["predict"]["device"],
    shell:
        r"""
        python {params.script} \
            --faces {input.faces} \
            --tracking {input.tracking} \
            --weights {input.weights:q} \
            --action-units {params.action_units} \
            --threshold {params.threshold} \
            {params.baseline} \
            --device {params.device} \
            --threads {threads} \
            --output {output.table} \
            --provenance {output.provenance} \
            2>&1 | tee {log}
        """


rule plot_aus:
    """The AUs of a new video over time."""
    input:
        table=rules.predict_aus.output.table,
    output:
        png="<results>/predictions/{new_video}.aus.png",
        pdf="<results>/predictions/{new_video}.aus.pdf",
    log:
        "<logs>/plot_aus/{new_video}.log",
    priority: FIRST
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_aus.py"),
    shell:
        r"""
        python {params.script} \
            --aus {input.table} \
            --title {wildcards.new_video} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule find_events:
    """The episodes of each AU in a new video, and what they come to."""
    input:
        table=rules.predict_aus.output.table,
    output:
        events="<results>/predictions/{new_video}.aus.events.csv",
        summary="<results>/predictions/{new_video}.aus.summary.csv",
    log:
        "<logs>/find_events/{new_video}.log",
    priority: FIRST
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("find_events.py"),
        settings=flags(config["predict"]["events"]),
    shell:
        r"""
        python {params.script} \
            --aus {input.table} \
            {params.settings} \
            --output-events {output.events} \
            --output-summary {output.summary} \
            >{log} 2>&1
        """


rule page_aus:
    """The AUs of a new video as one page to look at and move through."""
    input:
        table=rules.predict_aus.output.table,
        provenance=rules.predict_aus.output.provenance,
        figure=rules.plot_aus.output.png,
        faces=rules.register_new_video.output.faces if config["predict"]["faces"] else [],
    output:
        page="<results>/predictions/{new_video}.aus.html",
    log:
        "<logs>/page_aus/{new_video}.log",
    priority: FIRST
    conda:
        REGISTRATION
    resources:
        **FIGURE,
    params:
        **program("page_aus.py"),
        faces=lambda wildcards, input: option("--faces", input.faces),
        settings=flags(config["predict"]["events"]),
    shell:
        r"""
        python {params.script} \
            --aus {input.table} \
            --provenance {input.provenance} \
            --figure {input.figure} \
            {params.faces} \
            {params.settings} \
            --title {wildcards.new_video} \
            --output {output.page} \
            >{log} 2>&1
        """


rule draw_aus:
    """A new video with its AUs beside the face; on request (`draw=true`)."""
    input:
        table=rules.predict_aus.output.table,
    output:
        video="<results>/predictions/{new_video}.aus.mp4",
    log:
        "<logs>/draw_aus/{new_video}.log",
    priority: FIRST
    conda:
        REGISTRATION
    resources:
        **LONG_VIDEO,
    params:
        **program("draw_aus.py"),
        **new_video(),
    shell:
        r"""
        python {params.script} \
            --video {params.video:q} \
            --aus {input.table} \
            --output {output.video} \
            2>&1 | tee {log}
        """
