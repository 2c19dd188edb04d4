"""Preprocessing: videos and labels -> registered faces -> gray faces -> clips -> clips.h5, folds."""


rule register_faces:
    """Register the faces of a video's annotated frames (Sec. IV-A.1); flag frames without a face."""
    input:
        frames=lambda wildcards: on_disk(listed(wildcards).path),
        labels=annotated_inputs,
    output:
        video="<results>/registered/{video}.avi",
        tracking="<results>/tracking/{video}.csv",
    log:
        "<logs>/register_faces/{video}.log",
    benchmark:
        "<benchmarks>/register_faces/{video}.tsv"
    conda:
        REGISTRATION
    resources:
        **VIDEO,
    params:
        **program("register_faces.py", LAYOUT),
        path=lambda wildcards: listed(wildcards).path,
        problem=lambda wildcards: option("--problem", listed(wildcards).problem),
        # Only watched: times do not tell that a video was replaced, or an image in a folder mended.
        content=lambda wildcards: content_of(listed(wildcards)),
        labels=lambda wildcards: listed(wildcards).label_path,
        layout=LAYOUT,
        frame_offset=config["dataset"]["frame_offset"],
        settings=flags(config["registration"]),
    shell:
        r"""
        python {params.script} \
            --video {params.path:q} \
            --name {wildcards.video} \
            {params.problem} \
            --labels {params.labels:q} \
            --layout {params.layout} \
            --frame-offset {params.frame_offset} \
            {params.settings} \
            --video-output {output.video} \
            --tracking-output {output.tracking} \
            >{log} 2>&1
        """


rule convert_to_grayscale:
    """Drop colour, which carries nothing about AUs (Sec. IV-A.1)."""
    input:
        video=rules.register_faces.output.video,
    output:
        video=temp("<results>/gray/{video}.avi"),
    log:
        "<logs>/convert_to_grayscale/{video}.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("convert_to_grayscale.py"),
    shell:
        r"""
        python {params.script} \
            --input {input.video} \
            --output {output.video} \
            >{log} 2>&1
        """


rule sample_frames:
    """Sample one clip from a video, or note why it gives none (Sec. III-A)."""
    input:
        video=rules.convert_to_grayscale.output.video,
        tracking=rules.register_faces.output.tracking,
        labels=lambda wildcards: labels_of(listed(wildcards)),
    output:
        clip=ensure("<results>/clips/{video}.h5", non_empty=True),
    log:
        "<logs>/sample_frames/{video}.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("sample_frames.py", LAYOUT),
        subject=lambda wildcards: listed(wildcards).subject,
        task=lambda wildcards: listed(wildcards).task,
        labels=lambda wildcards: listed(wildcards).label_path,
        meaning=LABELS,
        seed=config["seed"],
        settings=flags(config["sampling"]),
        # Not used but noted: networks expect of any input what their clips were.
        registration=flags(config["registration"], "registration-"),
        frames_per_second=config["dataset"]["frames_per_second"],
    shell:
        r"""
        python {params.script} \
            --video {wildcards.video} \
            --subject {params.subject} \
            --task {params.task} \
            --gray {input.video} \
            --tracking {input.tracking} \
            --labels {params.labels:q} \
            {params.meaning} \
            --seed {params.seed} \
            {params.settings} \
            {params.registration} \
            --frames-per-second {params.frames_per_second} \
            --output {output.clip} \
            >{log} 2>&1
        """


rule assemble_clips:
    """Put all clips into one file and list the videos that gave none, with the reason."""
    input:
        clips=of_every_video(CLIP),
    output:
        clips=ensure("<results>/clips.h5", non_empty=True),
        digest="<results>/clips.sha256",
        excluded="<results>/tables/excluded_videos.csv",
    log:
        "<logs>/assemble_clips.log",
    benchmark:
        "<benchmarks>/assemble_clips.tsv"
    conda:
        REGISTRATION
    resources:
        **WHOLE_DATASET,
    params:
        **program("assemble_clips.py"),
        # Names, not paths: a command of more than 128 KiB cannot be run.
        folder=lambda wildcards, input: Path(input.clips[0]).parent,
        videos=list(VIDEOS),
        # A function of `input` is not tracked: a change would assemble and train the same anew.
        max_excluded=lambda wildcards, input: config["dataset"]["max_excluded"],
    shell:
        r"""
        python {params.script} \
            --folder {params.folder} \
            --videos {params.videos} \
            --max-excluded {params.max_excluded} \
            --output {output.clips} \
            --digest {output.digest} \
            --excluded {output.excluded} \
            >{log} 2>&1
        """


rule split_folds:
    """Assign each subject to one fold (Sec. IV-A.2), in each repeat."""
    input:
        **CLIPS,
    output:
        folds=ensure(FOLDS_FILE, non_empty=True),
    log:
        "<logs>/split_folds/repeat{repeat}.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("split_folds.py"),
        n_folds=config["dataset"]["folds"],
        seed=lambda wildcards: seed_of(split_number(wildcards)),
        # Only watched: of the sheet, which people edit for other reasons too, no more matters.
        assigned={video.subject: video.fold for video in videos if video.fold},
        sheet=lambda wildcards, input: option("--sheet", SHEET),
    shell:
        r"""
        python {params.script} \
            --clips {input.clips} \
            --folds {params.n_folds} \
            --seed {params.seed} \
            --repeat {wildcards.repeat} \
            {params.sheet} \
            --output {output.folds} \
            >{log} 2>&1
        """
