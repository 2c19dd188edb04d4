"""Figures: clips, histories, predictions and occlusion results -> PNG and PDF."""


rule au_cooccurrence:
    """How often AU pairs occur together: Jaccard index (Fig. 5)."""
    input:
        code=code("au_cooccurrence.py"),
        clips="results/{dataset}/clips.h5",
    output:
        table="results/{dataset}/tables/cooccurrence.csv",
        table_html=shown(
            "results/{dataset}/tables/cooccurrence.html",
            "interpretation",
            "Co-occurrence of AUs: pairs",
        ),
        png=shown(
            "results/{dataset}/figures/cooccurrence.png",
            "interpretation",
            "Co-occurrence of AUs (Fig. 5)",
        ),
        pdf="results/{dataset}/figures/cooccurrence.pdf",
    log:
        "results/{dataset}/logs/au_cooccurrence.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    shell:
        "python workflow_scripts/au_cooccurrence.py --clips {input.clips}"
        " --output-table {output.table} --output-table-html {output.table_html} --output-png {output.png} --output-pdf {output.pdf}"
        " > {log} 2>&1"


rule plot_time_course:
    """One AU over time: ground truth, the models' probabilities, faces (after Fig. 1)."""
    input:
        code=code("plot_time_course.py"),
        clips="results/{dataset}/clips.h5",
        predictions=rules.aggregate_metrics.input.predictions,
    output:
        png=shown("results/{dataset}/figures/time_course.png", "results", "AU over time (Fig. 1)"),
        pdf="results/{dataset}/figures/time_course.pdf",
    log:
        "results/{dataset}/logs/plot_time_course.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        settings=settings(
            "figures",
            "time_course",
            frames_per_second=config["dataset"]["frames_per_second"],
        ),
        threshold=config["evaluation"]["threshold"],
    shell:
        "python workflow_scripts/plot_time_course.py --clips {input.clips}"
        " --predictions {input.predictions} --settings {params.settings:q}"
        " --threshold {params.threshold} --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule plot_training_curves:
    """Loss by epoch of every model and fold."""
    input:
        code=code("plot_training_curves.py"),
        histories=expand(
            "results/{{dataset}}/models/{model}/fold{fold}/history.csv", model=MODELS, fold=FOLDS
        ),
    output:
        png=shown("results/{dataset}/figures/training_curves.png", "training", "Training curves"),
        pdf="results/{dataset}/figures/training_curves.pdf",
    log:
        "results/{dataset}/logs/plot_training_curves.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    shell:
        "python workflow_scripts/plot_training_curves.py --histories {input.histories}"
        " --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule plot_metric_bars:
    """Every metric of every AU and model: mean over folds, and each fold."""
    input:
        code=code("plot_metric_bars.py"),
        metrics="results/{dataset}/tables/metrics_by_fold.csv",
    output:
        png=shown("results/{dataset}/figures/metric_bars.png", "results", "Metrics by fold"),
        pdf="results/{dataset}/figures/metric_bars.pdf",
    log:
        "results/{dataset}/logs/plot_metric_bars.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    shell:
        "python workflow_scripts/plot_metric_bars.py --metrics {input.metrics}"
        " --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule plot_detection_curves:
    """ROC and precision-recall curves of every AU over all held-out frames."""
    input:
        code=code("plot_detection_curves.py"),
        predictions=rules.aggregate_metrics.input.predictions,
    output:
        roc_png=shown("results/{dataset}/figures/roc_curves.png", "results", "ROC curves"),
        roc_pdf="results/{dataset}/figures/roc_curves.pdf",
        precision_recall_png=shown(
            "results/{dataset}/figures/precision_recall_curves.png",
            "results",
            "Precision-recall curves",
        ),
        precision_recall_pdf="results/{dataset}/figures/precision_recall_curves.pdf",
    log:
        "results/{dataset}/logs/plot_detection_curves.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    shell:
        "python workflow_scripts/plot_detection_curves.py --predictions {input.predictions}"
        " --output-roc-png {output.roc_png} --output-roc-pdf {output.roc_pdf}"
        " --output-precision-recall-png {output.precision_recall_png}"
        " --output-precision-recall-pdf {output.precision_recall_pdf} > {log} 2>&1"


rule plot_reliability:
    """How well the models' probabilities are calibrated on held-out frames."""
    input:
        code=code("plot_reliability.py"),
        predictions=rules.aggregate_metrics.input.predictions,
    output:
        png=shown(
            "results/{dataset}/figures/reliability.png", "results", "Reliability of probabilities"
        ),
        pdf="results/{dataset}/figures/reliability.pdf",
    log:
        "results/{dataset}/logs/plot_reliability.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="20m",
    shell:
        "python workflow_scripts/plot_reliability.py --predictions {input.predictions}"
        " --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule plot_registration_quality:
    """Size of the face, jitter of its eyes and lost frames of every video."""
    input:
        code=code("plot_registration_quality.py"),
        tracking=expand("results/{{dataset}}/tracking/{video}.csv", video=VIDEOS),
    output:
        table="results/{dataset}/tables/registration_quality.csv",
        png=shown(
            "results/{dataset}/figures/registration_quality.png", "data", "Registration quality"
        ),
        pdf="results/{dataset}/figures/registration_quality.pdf",
    log:
        "results/{dataset}/logs/plot_registration_quality.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        # Names, not paths: a command of more than 128 KiB cannot be run.
        folder=lambda wildcards, input: Path(input.tracking[0]).parent,
        videos=list(VIDEOS),
    shell:
        "python workflow_scripts/plot_registration_quality.py --folder {params.folder}"
        " --videos {params.videos} --output-table {output.table} --output-png {output.png}"
        " --output-pdf {output.pdf} > {log} 2>&1"


rule plot_registered_faces:
    """A contact sheet of registered faces: bad registration is seen at once."""
    input:
        code=code("plot_registered_faces.py"),
        clips="results/{dataset}/clips.h5",
    output:
        png=shown("results/{dataset}/figures/registered_faces.png", "data", "Registered faces"),
        pdf="results/{dataset}/figures/registered_faces.pdf",
    log:
        "results/{dataset}/logs/plot_registered_faces.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        registration=settings("registration"),
        settings=settings("figures", "registered_faces"),
    shell:
        "python workflow_scripts/plot_registered_faces.py --clips {input.clips}"
        " --registration {params.registration:q} --settings {params.settings:q}"
        " --output-png {output.png} --output-pdf {output.pdf} > {log} 2>&1"


rule plot_synthetic_faces:
    """A contact sheet of the synthetic dataset: each AU, combinations, subjects."""
    input:
        code=code("plot_synthetic_faces.py"),
        portrait=rules.make_portrait.output.portrait,
    output:
        png=shown("results/{dataset}/figures/synthetic_faces.png", "data", "The synthetic dataset"),
        pdf="results/{dataset}/figures/synthetic_faces.pdf",
    log:
        "results/{dataset}/logs/plot_synthetic_faces.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        seed=config["seed"],
        settings=settings("synthesis"),
    shell:
        "python workflow_scripts/plot_synthetic_faces.py --portrait {input.portrait}"
        " --seed {params.seed} --settings {params.settings:q} --output-png {output.png}"
        " --output-pdf {output.pdf} > {log} 2>&1"


rule render_occlusion_maps:
    """Where hiding the face costs accuracy on positive samples, per AU (Fig. 4)."""
    input:
        code=code("render_occlusion_maps.py"),
        occlusion="results/{dataset}/occlusion/{model}/fold{fold}.h5",
    output:
        png=shown(
            "results/{dataset}/figures/occlusion_maps_{model}_fold{fold}.png",
            "interpretation",
            "Occlusion maps, {model}, fold {fold}",
        ),
        pdf="results/{dataset}/figures/occlusion_maps_{model}_fold{fold}.pdf",
    log:
        "results/{dataset}/logs/render_occlusion_maps/{model}_fold{fold}.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        settings=settings("figures", "occlusion_maps"),
    shell:
        "python workflow_scripts/render_occlusion_maps.py --occlusion {input.occlusion}"
        " --settings {params.settings:q} --output-png {output.png} --output-pdf {output.pdf}"
        " > {log} 2>&1"


use rule render_occlusion_maps as render_figure_4 with:
    input:
        code=code("render_occlusion_maps.py"),
        occlusion=f"results/{{dataset}}/occlusion/{OCCLUSION_RUNS[0]}.h5",
    output:
        png=shown(
            "results/{dataset}/figures/occlusion_maps.png",
            "interpretation",
            "Occlusion maps (Fig. 4)",
        ),
        pdf="results/{dataset}/figures/occlusion_maps.pdf",
    log:
        "results/{dataset}/logs/render_occlusion_maps/figure_4.log",


rule compare_occlusion_regions:
    """Where Fig. 4's maps lie against the FACS region of each AU: a table, and the regions."""

    # Regions are laid out in registered pixels (registration.image_size) and scaled to the clips'
    # (sampling.image_size), in which the patch and the maps are.
    input:
        code=code("compare_occlusion_regions.py"),
        occlusion=rules.render_figure_4.input.occlusion,
        cooccurrence=rules.au_cooccurrence.output.table,
    output:
        table="results/{dataset}/tables/occlusion_regions.csv",
        table_html=shown(
            "results/{dataset}/tables/occlusion_regions.html",
            "interpretation",
            "Occlusion maps and FACS regions",
        ),
        png=shown(
            "results/{dataset}/figures/au_regions.png", "interpretation", "FACS regions of the AUs"
        ),
        pdf="results/{dataset}/figures/au_regions.pdf",
    log:
        "results/{dataset}/logs/compare_occlusion_regions.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        registration=settings("registration"),
        settings=settings("figures", "occlusion_maps"),
    shell:
        "python workflow_scripts/compare_occlusion_regions.py --occlusion {input.occlusion}"
        " --cooccurrence {input.cooccurrence} --registration {params.registration:q}"
        " --settings {params.settings:q} --output-table {output.table}"
        " --output-table-html {output.table_html} --output-png {output.png}"
        " --output-pdf {output.pdf} > {log} 2>&1"
