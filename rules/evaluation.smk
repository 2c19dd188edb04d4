"""Evaluation: held-out predictions -> metrics, Table I, paired t-tests, Table II; what they rest on."""


rule aggregate_metrics:
    """Metrics by fold, subject and video, and Table I (Sec. IV-A.3, IV-B)."""
    input:
        code=code("aggregate_metrics.py"),
        predictions=expand(
            "results/{{dataset}}/models/{model}/fold{fold}/predictions.csv",
            model=MODELS,
            fold=FOLDS,
        ),
        folds="results/{dataset}/folds.csv",
        paper=lambda wildcards: config["evaluation"]["paper_table1"] or [],
    output:
        by_fold=shown(
            "results/{dataset}/tables/metrics_by_fold.csv", "results", "Metrics by fold (CSV)"
        ),
        by_subject=shown(
            "results/{dataset}/tables/metrics_by_subject.csv",
            "results",
            "Metrics by subject (CSV)",
        ),
        by_video="results/{dataset}/tables/metrics_by_video.csv",
        table1="results/{dataset}/tables/table1.csv",
        table1_html=shown(
            "results/{dataset}/tables/table1.html", "results", "Table I: AU detection"
        ),
        table1_latex="results/{dataset}/tables/table1.tex",
    log:
        "results/{dataset}/logs/aggregate_metrics.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        threshold=config["evaluation"]["threshold"],
        paper=option("--paper", config["evaluation"]["paper_table1"]),
    shell:
        "python workflow_scripts/aggregate_metrics.py --predictions {input.predictions}"
        " --folds {input.folds} --threshold {params.threshold} {params.paper}"
        " --output-by-fold {output.by_fold} --output-by-subject {output.by_subject}"
        " --output-by-video {output.by_video} --output-table1 {output.table1}"
        " --output-table1-html {output.table1_html} --output-table1-latex {output.table1_latex}"
        " > {log} 2>&1"


rule paired_ttests:
    """Paired t-tests of the reference model against each other model, and Table II (Sec. IV-B)."""
    input:
        code=code("paired_ttests.py"),
        metrics=f"results/{{dataset}}/tables/metrics_by_{config['evaluation']['pairs']}.csv",
        paper=lambda wildcards: config["evaluation"]["paper_table2"] or [],
    output:
        table2="results/{dataset}/tables/table2.csv",
        table2_html=shown("results/{dataset}/tables/table2.html", "results", "Table II: every test"),
        stars="results/{dataset}/tables/table2_stars.csv",
        stars_html=shown(
            "results/{dataset}/tables/table2_stars.html", "results", "Table II: significance"
        ),
        stars_latex="results/{dataset}/tables/table2_stars.tex",
    log:
        "results/{dataset}/logs/paired_ttests.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        pairs=config["evaluation"]["pairs"],
        reference=config["evaluation"]["reference"],
        paper=option("--paper", config["evaluation"]["paper_table2"]),
    shell:
        "python workflow_scripts/paired_ttests.py --metrics {input.metrics}"
        " --pairs {params.pairs} --reference {params.reference} {params.paper}"
        " --output-table2 {output.table2} --output-table2-html {output.table2_html}"
        " --output-stars {output.stars} --output-stars-html {output.stars_html}"
        " --output-stars-latex {output.stars_latex} > {log} 2>&1"


rule collect_provenance:
    """What every training came from: code, data, versions, device, time."""
    input:
        code=code("collect_provenance.py"),
        provenances=expand(
            "results/{{dataset}}/models/{model}/fold{fold}/provenance.json",
            model=MODELS,
            fold=FOLDS,
        ),
    output:
        table="results/{dataset}/tables/provenance.csv",
        table_html=shown("results/{dataset}/tables/provenance.html", "training", "Provenance"),
    log:
        "results/{dataset}/logs/collect_provenance.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    shell:
        "python workflow_scripts/collect_provenance.py --provenances {input.provenances}"
        " --output {output.table} --output-html {output.table_html} > {log} 2>&1"


# Not of assemble_clips: a change of how tables look would assemble and train anew.
rule list_exclusions:
    """The videos that gave no clip, and why, as a page."""
    input:
        code=code("list_exclusions.py"),
        excluded="results/{dataset}/tables/excluded_videos.csv",
    output:
        page=shown("results/{dataset}/tables/excluded_videos.html", "data", "Excluded videos"),
    log:
        "results/{dataset}/logs/list_exclusions.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        n_videos=len(VIDEOS),
    shell:
        "python workflow_scripts/list_exclusions.py --excluded {input.excluded}"
        " --n-videos {params.n_videos} --output {output.page} > {log} 2>&1"
