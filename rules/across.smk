"""Across datasets: every trained network on the clips of others -> what it loses there.

The others' clips are files as they lie: whoever judges a network must not set off that another
dataset is rendered or registered.
"""

MAPS_ELSEWHERE = [
    f"occlusion_maps_on_{other}_{'_'.join(Path(run).parts)}"
    for other in OCCLUDED_DATASETS
    for run in OCCLUSION_RUNS
]


wildcard_constraints:
    other="|".join(OTHER_DATASETS) or "(?!)",


rule predict_other_dataset:
    """Apply a trained network to every clip of another dataset."""
    input:
        clips=ancient(of_other_dataset("clips.h5")),
        digest=of_other_dataset("clips.sha256"),
        weights=f"{RUN}/weights.pt",
    output:
        predictions=ensure(f"<results>/across/{{other}}/{PLACE}/predictions.csv", non_empty=True),
    log:
        f"<logs>/predict_other_dataset/{{other}}_{RUN_NAME}.log",
    benchmark:
        f"<benchmarks>/predict_other_dataset/{{other}}_{RUN_NAME}.tsv"
    conda:
        TRAINING
    threads: config["predict"]["threads"]
    resources:
        **gpu_job("predict", megabytes=8000),
    params:
        **program("predict_other_dataset.py"),
        device=config["predict"]["device"],
    shell:
        r"""
        python {params.script} \
            --weights {input.weights} \
            --clips {input.clips} \
            --device {params.device} \
            --threads {threads} \
            --output {output.predictions} \
            >{log} 2>&1
        """


rule across_datasets:
    """What every network loses on the other datasets: a table, and every metric there."""
    input:
        predictions=PREDICTIONS,
        across=some(
            of_every_run(
                f"<results>/across/{{other}}/{PLACE}/predictions.csv", other=OTHER_DATASETS
            ),
            "evaluation.other_datasets names no dataset; name one or more",
        ),
    output:
        table="<results>/tables/across_datasets.csv",
        table_html=shown(
            "<results>/tables/across_datasets.html", "results", "Across datasets: tables"
        ),
        table_latex="<results>/tables/across_datasets.tex",
        by_fold="<results>/tables/across_metrics_by_fold.csv",
        by_subject="<results>/tables/across_metrics_by_subject.csv",
    log:
        "<logs>/across_datasets.log",
    conda:
        ANALYSIS
    resources:
        **WHOLE_DATASET,
    params:
        **program("across_datasets.py"),
        dataset=DATASET,
        threshold=config["evaluation"]["threshold"],
        thresholds=config["evaluation"]["thresholds"],
        seed=config["seed"],
    shell:
        r"""
        python {params.script} \
            --dataset {params.dataset} \
            --predictions {input.predictions} \
            --across {input.across} \
            --threshold {params.threshold} \
            --thresholds {params.thresholds} \
            --seed {params.seed} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-table-latex {output.table_latex} \
            --output-by-fold {output.by_fold} \
            --output-by-subject {output.by_subject} \
            >{log} 2>&1
        """


rule plot_across_datasets:
    """What every network loses on the other datasets, AU by AU."""
    input:
        table=rules.across_datasets.output.table,
    output:
        **figure("across_datasets", "results", "Across datasets"),
    log:
        "<logs>/plot_across_datasets.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_across_datasets.py"),
    shell:
        r"""
        python {params.script} \
            --table {input.table} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule occlude_other_dataset:
    """Accuracy on positive samples of another dataset, and AUC, for every position of a patch."""
    input:
        clips=ancient(of_other_dataset("clips.h5")),
        digest=of_other_dataset("clips.sha256"),
        weights=f"{RUN}/weights.pt",
    output:
        occlusion=ensure(f"<results>/across/{{other}}/{PLACE}/occlusion.h5", non_empty=True),
    log:
        f"<logs>/occlude_other_dataset/{{other}}_{RUN_NAME}.log",
    benchmark:
        f"<benchmarks>/occlude_other_dataset/{{other}}_{RUN_NAME}.tsv"
    conda:
        TRAINING
    threads: config["occlusion"]["threads"]
    resources:
        **gpu_job("occlusion", megabytes=8000),
    params:
        **program("occlude_other_dataset.py"),
        threshold=config["evaluation"]["threshold"],
        settings=flags(config["occlusion"]),
    shell:
        r"""
        python {params.script} \
            --weights {input.weights} \
            --clips {input.clips} \
            --other-dataset {wildcards.other} \
            --repeat {wildcards.repeat} \
            --fold {wildcards.fold} \
            --threshold {params.threshold} \
            {params.settings} \
            --output {output.occlusion} \
            >{log} 2>&1
        """


rule compare_locality:
    """How local Fig. 4's maps are on held-out faces and on those of other datasets: a table."""
    input:
        occlusion=expand("<results>/occlusion/{run}.h5", run=OCCLUSION_RUNS),
        across=some(
            expand(
                "<results>/across/{other}/{run}/occlusion.h5",
                other=OCCLUDED_DATASETS,
                run=OCCLUSION_RUNS,
            ),
            "figures.occlusion_other_datasets is false; set it to true, and name the datasets in "
            "evaluation.other_datasets",
        ),
    output:
        table="<results>/tables/occlusion_locality.csv",
        table_html=shown(
            "<results>/tables/occlusion_locality.html",
            "interpretation",
            "Occlusion maps across datasets",
        ),
        table_latex="<results>/tables/occlusion_locality.tex",
    log:
        "<logs>/compare_locality.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("compare_locality.py"),
        dataset=DATASET,
        registration=flags(config["registration"], "registration-"),
        min_positive=config["figures"]["occlusion_maps"]["min_positive"],
    shell:
        r"""
        python {params.script} \
            --dataset {params.dataset} \
            --occlusion {input.occlusion} \
            --across {input.across} \
            {params.registration} \
            --min-positive {params.min_positive} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-table-latex {output.table_latex} \
            >{log} 2>&1
        """


rule across:
    """What is known of other datasets, and no more: `snakemake across`."""
    input:
        rules.across_datasets.output,
        rules.plot_across_datasets.output,
        rules.compare_locality.output if OCCLUDED_DATASETS else [],
        expand("<results>/figures/{name}.{suffix}", name=MAPS_ELSEWHERE, suffix=("png", "pdf")),
