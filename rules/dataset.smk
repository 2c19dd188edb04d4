"""The dataset: synthesis settings -> videos and labels of the synthetic one; a folder -> video sheet."""


rule make_portrait:
    """Detect and neutralise the portrait that every synthetic face is made from."""
    output:
        portrait="<results>/dataset/portrait.npz",
        regions="<results>/dataset/truth/au_regions.npz",
    log:
        "<logs>/make_portrait.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("make_portrait.py"),
    shell:
        r"""
        python {params.script} \
            --output {output.portrait} \
            --regions {output.regions} \
            >{log} 2>&1
        """


HEADS = config["synthesis"]["source"] == "heads"
PORTRAIT = [] if HEADS else rules.make_portrait.output.portrait


rule synthesize_videos:
    """Render the videos of one subject of the synthetic dataset, with labels and known geometry."""
    input:
        portrait=PORTRAIT,
    output:
        videos=expand("<results>/dataset/Videos/{{subject}}/{task}.avi", task=TASKS),
        occurrences=expand("<results>/dataset/AUCoding/AU_OCC/{{subject}}_{task}.csv", task=TASKS),
        intensities=expand(
            "<results>/dataset/AUCoding/AU_INT/{au}/{{subject}}_{task}_{au}.csv",
            au=map(au_column, PAPER_AUS),
            task=TASKS,
        ),
        truth=expand("<results>/dataset/truth/{{subject}}_{task}.csv", task=TASKS),
    log:
        "<logs>/synthesize_videos/{subject}.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("synthesize_videos.py"),
        portrait=lambda wildcards, input: option("--portrait", input.portrait),
        root=lambda wildcards: ROOT,
        seed=config["seed"],
        settings=flags(config["synthesis"]),
    shell:
        r"""
        python {params.script} \
            {params.portrait} \
            --root {params.root} \
            --only {wildcards.subject} \
            --seed {params.seed} \
            {params.settings} \
            >{log} 2>&1
        """


rule render_synthetic_faces:
    """Pictures that show the synthetic dataset: each AU, combinations, subjects."""
    input:
        portrait=PORTRAIT,
    output:
        **({"regions": "<results>/dataset/truth/au_regions.npz"} if HEADS else {}),
        pictures="<results>/dataset/examples.npz",
    log:
        "<logs>/render_synthetic_faces.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("render_synthetic_faces.py"),
        portrait=lambda wildcards, input: option("--portrait", input.portrait),
        regions=lambda wildcards, output: option("--regions", output.get("regions")),
        seed=config["seed"],
        settings=flags(config["synthesis"]),
    shell:
        r"""
        python {params.script} \
            {params.portrait} \
            --seed {params.seed} \
            {params.settings} \
            --output {output.pictures} \
            {params.regions} \
            >{log} 2>&1
        """


rule index_videos:
    """Write the video sheet of a dataset on disk: `snakemake index_videos --configfile ...`."""
    input:
        nothing_else,
    log:
        "<logs>/index_videos.log",
    conda:
        REGISTRATION
    resources:
        **WHOLE_DATASET,
    params:
        **program("index_videos.py", LAYOUT),
        layout=LAYOUT,
        root=lambda wildcards: ROOT,
        sheet=config["dataset"]["sheet"],
    shell:
        r"""
        python {params.script} \
            --layout {params.layout} \
            --root {params.root:q} \
            --output {params.sheet:q} \
            2>&1 | tee {log}
        """


rule check_dataset:
    """Look at every video and label before any hour is spent: a page, and a verdict."""
    input:
        frames=sorted({on_disk(video.path) for video in videos}),
        labels=lambda wildcards: sorted({file for video in videos for file in labels_of(video)}),
        sheet=SHEET,
        paper=paper_table(1),
    output:
        table="<results>/tables/data_validation.csv",
        page=shown("<results>/tables/data_validation.html", "data", "Checks of the dataset"),
        verdict="<results>/tables/data_validation.txt",
    log:
        "<logs>/check_dataset.log",
    conda:
        REGISTRATION
    resources:
        **WHOLE_DATASET,
    params:
        **program("check_dataset.py", LAYOUT),
        labels=LABELS,
        root=lambda wildcards: ROOT,
        # Only watched, as in register_faces.
        content=lambda wildcards: list(map(content_of, videos)),
        frame_offset=config["dataset"]["frame_offset"],
        frames_per_second=config["dataset"]["frames_per_second"],
        max_excluded=config["dataset"]["max_excluded"],
        n_folds=config["dataset"]["folds"],
        seed=config["seed"],
        sampling=flags(config["sampling"], "sampling-"),
        image_size=config["registration"]["image_size"],
        sheet=lambda wildcards, input: option("--sheet", SHEET),
        paper=lambda wildcards, input: option("--paper", input.paper),
    shell:
        r"""
        python {params.script} \
            {params.labels} \
            --root {params.root:q} \
            {params.sheet} \
            --frame-offset {params.frame_offset} \
            --frames-per-second {params.frames_per_second} \
            --max-excluded {params.max_excluded} \
            --folds {params.n_folds} \
            --seed {params.seed} \
            {params.sampling} \
            --image-size {params.image_size} \
            {params.paper} \
            --output-csv {output.table} \
            --output-html {output.page} \
            --output-verdict {output.verdict} \
            >{log} 2>&1
        """


rule validate:
    """Say what check_dataset found; fails if results would be wrong."""
    input:
        verdict=rules.check_dataset.output.verdict,
    log:
        "<logs>/validate.log",
    conda:
        REGISTRATION
    resources:
        **QUICK,
    params:
        **program("validate.py"),
    shell:
        r"""
        python {params.script} \
            --verdict {input.verdict} \
            2>&1 | tee {log}
        """
