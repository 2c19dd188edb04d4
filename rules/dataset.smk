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


# To start costs as much as half a person. Whom a job renders does not change with how many there are:
# more people are rendered beside those there are, but for a last job that was not full.
PEOPLE_PER_JOB = 8
COUNTS = ("subjects", "videos_per_subject")
PEOPLE = synthetic_subjects(config["synthesis"]["subjects"]) if SYNTHESIZE else []
JOBS = [PEOPLE[first : first + PEOPLE_PER_JOB] for first in range(0, len(PEOPLE), PEOPLE_PER_JOB)]
# A function of `output` is not tracked: what there is stays when more is asked for.
COUNTED = lambda wildcards, output: flags({k: config["synthesis"][k] for k in COUNTS})
UNCOUNTED = flags({k: v for k, v in config["synthesis"].items() if k not in COUNTS})
RENDERING = {
    "mem_mb": growing(1000),
    "runtime": 5 + PEOPLE_PER_JOB * len(TASKS) * config["synthesis"]["frames"] // 300,
}

for people in JOBS:

    # A wildcard cannot stand for several people: each job is a rule of its own.
    rule:
        """Render the videos of some people of the synthetic dataset, with labels and truth."""
        name:
            f"synthesize_videos_{people[0]}"
        input:
            portrait=PORTRAIT,
        output:
            videos=expand("<results>/dataset/Videos/{name}/{task}.avi", name=people, task=TASKS),
            occurrences=expand(
                "<results>/dataset/AUCoding/AU_OCC/{name}_{task}.csv", name=people, task=TASKS
            ),
            intensities=expand(
                "<results>/dataset/AUCoding/AU_INT/{au}/{name}_{task}_{au}.csv",
                au=map(au_column, PAPER_AUS),
                name=people,
                task=TASKS,
            ),
            truth=expand("<results>/dataset/truth/{name}_{task}.csv", name=people, task=TASKS),
        log:
            f"<logs>/synthesize_videos/{people[0]}.log",
        conda:
            REGISTRATION
        resources:
            **RENDERING,
        params:
            **program("synthesize_videos.py"),
            portrait=lambda wildcards, input: option("--portrait", input.portrait),
            root=lambda wildcards: ROOT,
            people=people,
            seed=config["seed"],
            settings=UNCOUNTED,
            counts=COUNTED,
        shell:
            r"""
            python {params.script} \
                {params.portrait} \
                --root {params.root} \
                --only {params.people} \
                --seed {params.seed} \
                {params.settings} \
                {params.counts} \
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
