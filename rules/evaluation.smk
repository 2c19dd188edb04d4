"""Evaluation: held-out predictions -> metrics, Table I, paired t-tests, Table II; what they rest on."""

TABLES = [
    "claims.csv",
    "table1.csv",
    *(["table2.csv", "table2_stars.csv", "table2_repeats.csv"] if len(MODELS) > 1 else []),
    *(["variance.csv"] if len(REPEATS) > 1 else []),
    "metrics_by_fold.csv",
    "metrics_by_subject.csv",
    *(["across_datasets.csv"] if OTHER_DATASETS else []),
    "cooccurrence.csv",
    "occlusion_regions.csv",
    *(["occlusion_locality.csv"] if OCCLUDED_DATASETS else []),
    "excluded_videos.html",
    "provenance.csv",
    "registration_quality.csv",
    "data_validation.html",
]


rule aggregate_metrics:
    """Metrics by fold, subject and video, and Table I (Sec. IV-A.3, IV-B)."""
    input:
        predictions=PREDICTIONS,
        folds=expand(FOLDS_FILE, repeat=REPEATS),
        paper=paper_table(1),
    output:
        by_fold=shown("<results>/tables/metrics_by_fold.csv", "results", "Metrics by fold (CSV)"),
        by_subject=shown(
            "<results>/tables/metrics_by_subject.csv", "results", "Metrics by subject (CSV)"
        ),
        by_video="<results>/tables/metrics_by_video.csv",
        table1="<results>/tables/table1.csv",
        table1_html=shown("<results>/tables/table1.html", "results", "Table I: AU detection"),
        table1_latex="<results>/tables/table1.tex",
    log:
        "<logs>/aggregate_metrics.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("aggregate_metrics.py"),
        threshold=config["evaluation"]["threshold"],
        thresholds=config["evaluation"]["thresholds"],
        paper=lambda wildcards, input: option("--paper", input.paper),
    shell:
        r"""
        python {params.script} \
            --predictions {input.predictions} \
            --folds {input.folds} \
            --threshold {params.threshold} \
            --thresholds {params.thresholds} \
            {params.paper} \
            --output-by-fold {output.by_fold} \
            --output-by-subject {output.by_subject} \
            --output-by-video {output.by_video} \
            --output-table1 {output.table1} \
            --output-table1-html {output.table1_html} \
            --output-table1-latex {output.table1_latex} \
            >{log} 2>&1
        """


rule paired_ttests:
    """Paired t-tests of the reference model against each other model, and Table II (Sec. IV-B)."""
    input:
        metrics=f"<results>/tables/metrics_by_{config['evaluation']['pairs']}.csv",
        paper=paper_table(2),
    output:
        table2="<results>/tables/table2.csv",
        table2_html=shown("<results>/tables/table2.html", "results", "Table II: every test"),
        stars="<results>/tables/table2_stars.csv",
        stars_html=shown("<results>/tables/table2_stars.html", "results", "Table II: significance"),
        stars_latex="<results>/tables/table2_stars.tex",
    log:
        "<logs>/paired_ttests.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("paired_ttests.py"),
        pairs=config["evaluation"]["pairs"],
        reference=config["evaluation"]["reference"],
        paper=lambda wildcards, input: option("--paper", input.paper),
    shell:
        r"""
        python {params.script} \
            --metrics {input.metrics} \
            --pairs {params.pairs} \
            --reference {params.reference} \
            {params.paper} \
            --output-table2 {output.table2} \
            --output-table2-html {output.table2_html} \
            --output-stars {output.stars} \
            --output-stars-html {output.stars_html} \
            --output-stars-latex {output.stars_latex} \
            >{log} 2>&1
        """


rule collect_provenance:
    """What every training came from: code, data, versions, device, time."""
    input:
        provenances=of_every_run(f"{RUN}/provenance.json"),
    output:
        table="<results>/tables/provenance.csv",
        table_html=shown("<results>/tables/provenance.html", "training", "Provenance"),
    log:
        "<logs>/collect_provenance.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("collect_provenance.py"),
    shell:
        r"""
        python {params.script} \
            --provenances {input.provenances} \
            --output {output.table} \
            --output-html {output.table_html} \
            >{log} 2>&1
        """


# Not of assemble_clips: a change of how tables look would assemble and train anew.
rule list_exclusions:
    """The videos that gave no clip, and why, as a page."""
    input:
        excluded=rules.assemble_clips.output.excluded,
    output:
        page=shown("<results>/tables/excluded_videos.html", "data", "Excluded videos"),
    log:
        "<logs>/list_exclusions.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("list_exclusions.py"),
        n_videos=len(VIDEOS),
    shell:
        r"""
        python {params.script} \
            --excluded {input.excluded} \
            --n-videos {params.n_videos} \
            --output {output.page} \
            >{log} 2>&1
        """
