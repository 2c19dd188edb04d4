"""Preprocessing: videos and labels -> registered faces -> gray faces -> clips -> clips.h5, folds."""


rule register_faces:
    """Register the faces of a video's annotated frames (Sec. IV-A.1); flag frames without a face."""
    input:
        code=code("register_faces.py"),
        frames=lambda wildcards: on_disk(VIDEOS[wildcards.video].path),
        labels=annotated_inputs,
    output:
        video="results/{dataset}/registered/{video}.avi",
        tracking="results/{dataset}/tracking/{video}.csv",
    log:
        "results/{dataset}/logs/register_faces/{video}.log",
    benchmark:
        "results/{dataset}/benchmarks/register_faces/{video}.tsv"
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime="1h",
    params:
        path=lambda wildcards: VIDEOS[wildcards.video].path,
        problem=lambda wildcards: option("--problem", VIDEOS[wildcards.video].problem or None),
        # Only watched: a folder's time does not tell that an image in it was mended.
        images=lambda wildcards: folder_fingerprint(VIDEOS[wildcards.video].path),
        labels=lambda wildcards: VIDEOS[wildcards.video].label_path,
        layout=config["dataset"]["layout"],
        frame_offset=config["dataset"]["frame_offset"],
        settings=settings("registration"),
    shell:
        "python workflow_scripts/register_faces.py --video {params.path:q}"
        " --name {wildcards.video} {params.problem}"
        " --labels {params.labels:q} --layout {params.layout}"
        " --frame-offset {params.frame_offset} --settings {params.settings:q}"
        " --video-output {output.video} --tracking-output {output.tracking} > {log} 2>&1"


rule list_recordings:
    """List what registration found in each video, such as several people in view."""
    input:
        code=code("list_recordings.py"),
        tracking=expand("results/{{dataset}}/tracking/{video}.csv", video=VIDEOS),
    output:
        recordings="results/{dataset}/tables/recordings.csv",
    log:
        "results/{dataset}/logs/list_recordings.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        # Names, not paths: a command of more than 128 KiB cannot be run.
        folder=lambda wildcards, input: Path(input.tracking[0]).parent,
        videos=list(VIDEOS),
    shell:
        "python workflow_scripts/list_recordings.py --folder {params.folder}"
        " --videos {params.videos} --output {output.recordings} > {log} 2>&1"


rule convert_to_grayscale:
    """Drop colour, which carries nothing about AUs (Sec. IV-A.1)."""
    input:
        code=code("convert_to_grayscale.py"),
        video=rules.register_faces.output.video,
    output:
        video=temp("results/{dataset}/gray/{video}.avi"),
    log:
        "results/{dataset}/logs/convert_to_grayscale/{video}.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="20m",
    shell:
        "python workflow_scripts/convert_to_grayscale.py --input {input.video}"
        " --output {output.video} > {log} 2>&1"


rule sample_frames:
    """Sample one clip from a video, or note why it gives none (Sec. III-A)."""
    input:
        code=code("sample_frames.py"),
        video=rules.convert_to_grayscale.output.video,
        tracking=rules.register_faces.output.tracking,
        labels=label_inputs,
    output:
        clip=ensure("results/{dataset}/clips/{video}.h5", non_empty=True),
    log:
        "results/{dataset}/logs/sample_frames/{video}.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        subject=lambda wildcards: VIDEOS[wildcards.video].subject,
        task=lambda wildcards: VIDEOS[wildcards.video].task,
        labels=lambda wildcards: VIDEOS[wildcards.video].label_path,
        label_options=label_options,
        seed=config["seed"],
        settings=settings("sampling"),
    shell:
        "python workflow_scripts/sample_frames.py --video {wildcards.video}"
        " --subject {params.subject} --task {params.task} --gray {input.video}"
        " --tracking {input.tracking} --labels {params.labels:q} {params.label_options}"
        " --seed {params.seed} --settings {params.settings:q} --output {output.clip}"
        " > {log} 2>&1"


rule assemble_clips:
    """Put all clips into one file and list the videos that gave none, with the reason."""
    input:
        code=code("assemble_clips.py"),
        clips=expand("results/{{dataset}}/clips/{video}.h5", video=VIDEOS),
    output:
        clips=ensure("results/{dataset}/clips.h5", non_empty=True),
        excluded="results/{dataset}/tables/excluded_videos.csv",
    log:
        "results/{dataset}/logs/assemble_clips.log",
    benchmark:
        "results/{dataset}/benchmarks/assemble_clips.tsv"
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="2h",
    params:
        # Names, not paths: a command of more than 128 KiB cannot be run.
        folder=lambda wildcards, input: Path(input.clips[0]).parent,
        videos=list(VIDEOS),
        # A function of `input` is not tracked: a change would assemble and train the same anew.
        max_excluded=lambda wildcards, input: config["dataset"]["max_excluded"],
    shell:
        "python workflow_scripts/assemble_clips.py --folder {params.folder}"
        " --videos {params.videos} --max-excluded {params.max_excluded}"
        " --output {output.clips} --excluded {output.excluded} > {log} 2>&1"


rule split_folds:
    """Assign each subject to one fold (Sec. IV-A.2)."""
    input:
        code=code("split_folds.py"),
        clips=rules.assemble_clips.output.clips,
    output:
        folds=ensure("results/{dataset}/folds.csv", non_empty=True),
    log:
        "results/{dataset}/logs/split_folds.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        n_folds=config["dataset"]["folds"],
        seed=config["seed"],
        # Only watched: of the sheet, which people edit for other reasons too, no more matters.
        assigned={video.subject: video.fold for video in videos if video.fold},
        sheet=lambda wildcards, input: option("--sheet", SHEET or None),
    shell:
        "python workflow_scripts/split_folds.py --clips {input.clips} --folds {params.n_folds}"
        " --seed {params.seed} {params.sheet} --output {output.folds} > {log} 2>&1"
