"""The dataset: synthesis settings -> videos and labels of the synthetic one; a folder -> video sheet."""


rule make_portrait:
    """Detect and neutralise the portrait that every synthetic face is made from."""
    input:
        code=code("make_portrait.py"),
    output:
        portrait="results/{dataset}/dataset/portrait.npz",
        regions="results/{dataset}/dataset/truth/au_regions.npz",
    log:
        "results/{dataset}/logs/make_portrait.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    shell:
        "python workflow_scripts/make_portrait.py --output {output.portrait}"
        " --regions {output.regions} > {log} 2>&1"


rule synthesize_videos:
    """Render the videos of one subject of the synthetic dataset, with labels and known geometry."""
    input:
        code=code("synthesize_videos.py"),
        portrait=rules.make_portrait.output.portrait,
    output:
        videos=expand("results/{{dataset}}/dataset/Videos/{{subject}}/{task}.avi", task=TASKS),
        occurrences=expand(
            "results/{{dataset}}/dataset/AUCoding/AU_OCC/{{subject}}_{task}.csv", task=TASKS
        ),
        intensities=expand(
            "results/{{dataset}}/dataset/AUCoding/AU_INT/{au}/{{subject}}_{task}_{au}.csv",
            au=map(au_column, PAPER_AUS),
            task=TASKS,
        ),
        truth=expand("results/{{dataset}}/dataset/truth/{{subject}}_{task}.csv", task=TASKS),
    log:
        "results/{dataset}/logs/synthesize_videos/{subject}.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="30m",
    params:
        root=lambda wildcards, input: Path(input.portrait).parent,
        seed=config["seed"],
        settings=settings("synthesis"),
    shell:
        "python workflow_scripts/synthesize_videos.py --portrait {input.portrait}"
        " --root {params.root} --subjects {wildcards.subject} --seed {params.seed}"
        " --settings {params.settings:q} > {log} 2>&1"


rule index_videos:
    """Write the video sheet of a dataset on disk: `snakemake index_videos --configfile ...`."""
    input:
        refuse_other_targets,
        code=code("index_videos.py"),
    log:
        f"results/{DATASET}/logs/index_videos.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="30m",
    params:
        layout=config["dataset"]["layout"],
        root=ROOT,
        sheet=config["dataset"]["sheet"],
    shell:
        "python workflow_scripts/index_videos.py --layout {params.layout} --root {params.root:q}"
        " --output {params.sheet:q} 2>&1 | tee {log}"


rule validate:
    """Check the dataset before any hour is spent; fails only where results would be wrong.

    Its two files are no outputs, for Snakemake would delete them with a bad verdict.
    """
    input:
        code=code("validate_dataset.py"),
        frames=sorted({on_disk(video.path) for video in VIDEOS.values()}),
        labels=sorted({on_disk(video.label_path) for video in VIDEOS.values()}),
        sheet=SHEET,
        paper=config["evaluation"]["paper_table1"] or [],
    log:
        f"results/{DATASET}/logs/validate.log",
    conda:
        "../envs/registration.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="4h",
    params:
        label_options=label_options,
        root=lambda wildcards: ROOT,
        frame_offset=config["dataset"]["frame_offset"],
        max_excluded=config["dataset"]["max_excluded"],
        n_folds=config["dataset"]["folds"],
        seed=config["seed"],
        sampling=settings("sampling"),
        image_size=config["registration"]["image_size"],
        sheet=option("--sheet", SHEET or None),
        paper=option("--paper", config["evaluation"]["paper_table1"]),
        report=f"results/{DATASET}/tables/data_validation",
    shell:
        "python workflow_scripts/validate_dataset.py {params.label_options} --root {params.root:q}"
        " {params.sheet} --frame-offset {params.frame_offset} --max-excluded {params.max_excluded}"
        " --folds {params.n_folds} --seed {params.seed} --sampling {params.sampling:q}"
        " --image-size {params.image_size} {params.paper} --output-csv {params.report}.csv --output-html {params.report}.html"
        " 2>&1 | tee {log}"
