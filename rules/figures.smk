"""Figures: clips, histories, predictions and occlusion results -> PNG and PDF."""

FIGURES = [
    "occlusion_maps",
    "occlusion_maps_auc",
    *(
        f"occlusion_maps_{measure}{'_'.join(Path(run).parts)}"
        for run in OCCLUSION_RUNS[1:]
        for measure in ("", "auc_")
    ),
    *MAPS_ELSEWHERE,
    "au_regions",
    "cooccurrence",
    "time_course",
    "training_curves",
    "metric_bars",
    *(["variance"] if len(REPEATS) > 1 else []),
    *(["across_datasets"] if OTHER_DATASETS else []),
    "roc_curves",
    "precision_recall_curves",
    "reliability",
    "registered_faces",
    "registration_quality",
    *(["synthetic_faces"] if SYNTHESIZE else []),
]


rule au_cooccurrence:
    """How often AU pairs occur together: Jaccard index (Fig. 5)."""
    input:
        **CLIPS,
    output:
        **figure("cooccurrence", "interpretation", "Co-occurrence of AUs (Fig. 5)"),
        table="<results>/tables/cooccurrence.csv",
        table_html=shown(
            "<results>/tables/cooccurrence.html", "interpretation", "Co-occurrence of AUs: pairs"
        ),
    log:
        "<logs>/au_cooccurrence.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("au_cooccurrence.py"),
    shell:
        r"""
        python {params.script} \
            --clips {input.clips} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_time_course:
    """One AU over time: ground truth, the models' probabilities, faces (after Fig. 1)."""
    input:
        **CLIPS,
        predictions=FIRST_PREDICTIONS,
    output:
        **figure("time_course", "results", "AU over time (Fig. 1)"),
    log:
        "<logs>/plot_time_course.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_time_course.py"),
        settings=flags(config["figures"]["time_course"]),
        frames_per_second=config["dataset"]["frames_per_second"],
        threshold=config["evaluation"]["threshold"],
    shell:
        r"""
        python {params.script} \
            --clips {input.clips} \
            --predictions {input.predictions} \
            {params.settings} \
            --frames-per-second {params.frames_per_second} \
            --threshold {params.threshold} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_training_curves:
    """Loss by epoch of every model and fold."""
    input:
        histories=of_every_run(f"{RUN}/history.csv"),
    output:
        **figure("training_curves", "training", "Training curves"),
    log:
        "<logs>/plot_training_curves.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_training_curves.py"),
    shell:
        r"""
        python {params.script} \
            --histories {input.histories} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_metric_bars:
    """Every metric of every AU and model: mean over folds, and each fold."""
    input:
        metrics=rules.aggregate_metrics.output.by_fold,
    output:
        **figure("metric_bars", "results", "Metrics by fold"),
    log:
        "<logs>/plot_metric_bars.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_metric_bars.py"),
    shell:
        r"""
        python {params.script} \
            --metrics {input.metrics} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_detection_curves:
    """ROC and precision-recall curves of every AU over all held-out frames."""
    input:
        predictions=FIRST_PREDICTIONS,
    output:
        roc_png=shown("<results>/figures/roc_curves.png", "results", "ROC curves"),
        roc_pdf="<results>/figures/roc_curves.pdf",
        precision_recall_png=shown(
            "<results>/figures/precision_recall_curves.png", "results", "Precision-recall curves"
        ),
        precision_recall_pdf="<results>/figures/precision_recall_curves.pdf",
    log:
        "<logs>/plot_detection_curves.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_detection_curves.py"),
    shell:
        r"""
        python {params.script} \
            --predictions {input.predictions} \
            --output-roc-png {output.roc_png} \
            --output-roc-pdf {output.roc_pdf} \
            --output-precision-recall-png {output.precision_recall_png} \
            --output-precision-recall-pdf {output.precision_recall_pdf} \
            >{log} 2>&1
        """


rule plot_reliability:
    """How well the models' probabilities are calibrated on held-out frames."""
    input:
        predictions=FIRST_PREDICTIONS,
    output:
        **figure("reliability", "results", "Reliability of probabilities"),
    log:
        "<logs>/plot_reliability.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_reliability.py"),
    shell:
        r"""
        python {params.script} \
            --predictions {input.predictions} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_registration_quality:
    """Size of the face, jitter of its eyes, lost frames and other people in view, by video."""
    input:
        tracking=of_every_video("<results>/tracking/{video}.csv"),
    output:
        **figure("registration_quality", "data", "Registration quality"),
        table="<results>/tables/registration_quality.csv",
    log:
        "<logs>/plot_registration_quality.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_registration_quality.py"),
        # Names, not paths: a command of more than 128 KiB cannot be run.
        folder=lambda wildcards, input: Path(input.tracking[0]).parent,
        videos=list(VIDEOS),
    shell:
        r"""
        python {params.script} \
            --folder {params.folder} \
            --videos {params.videos} \
            --output-table {output.table} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_registered_faces:
    """A contact sheet of registered faces: bad registration is seen at once."""
    input:
        **CLIPS,
    output:
        **figure("registered_faces", "data", "Registered faces"),
    log:
        "<logs>/plot_registered_faces.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_registered_faces.py"),
        settings=flags(config["figures"]["registered_faces"]),
        registration=flags(config["registration"], "registration-"),
    shell:
        r"""
        python {params.script} \
            --clips {input.clips} \
            {params.settings} \
            {params.registration} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule plot_synthetic_faces:
    """A contact sheet of the synthetic dataset: each AU, combinations, subjects."""
    input:
        pictures=rules.render_synthetic_faces.output.pictures,
    output:
        **figure("synthetic_faces", "data", "The synthetic dataset"),
    log:
        "<logs>/plot_synthetic_faces.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_synthetic_faces.py"),
    shell:
        r"""
        python {params.script} \
            --pictures {input.pictures} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule render_occlusion_maps:
    """What hiding a part of the face costs, per AU: accuracy on positive samples (Fig. 4), or AUC."""
    input:
        occlusion=rules.occlusion_sensitivity.output.occlusion,
    output:
        **figure(
            f"occlusion_maps_{RUN_NAME}",
            "interpretation",
            "Occlusion maps, {model}, repeat {repeat}, fold {fold}",
        ),
    log:
        f"<logs>/render_occlusion_maps/{RUN_NAME}.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("render_occlusion_maps.py"),
        measure="accuracy",
        settings=flags(config["figures"]["occlusion_maps"]),
    shell:
        r"""
        python {params.script} \
            --occlusion {input.occlusion} \
            --measure {params.measure} \
            {params.settings} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


use rule render_occlusion_maps as render_figure_4 with:
    input:
        occlusion=f"<results>/occlusion/{OCCLUSION_RUNS[0]}.h5",
    output:
        **figure("occlusion_maps", "interpretation", "Occlusion maps (Fig. 4)"),
    log:
        "<logs>/render_occlusion_maps/figure_4.log",


use rule render_figure_4 as render_auc_maps with:
    output:
        **figure("occlusion_maps_auc", "interpretation", "Occlusion maps of the AUC"),
    log:
        "<logs>/render_occlusion_maps/auc.log",
    params:
        measure="AUC",


use rule render_occlusion_maps as render_auc_maps_of_run with:
    output:
        **figure(
            f"occlusion_maps_auc_{RUN_NAME}",
            "interpretation",
            "Occlusion maps of the AUC, {model}, repeat {repeat}, fold {fold}",
        ),
    log:
        f"<logs>/render_occlusion_maps/auc_{RUN_NAME}.log",
    params:
        measure="AUC",


use rule render_occlusion_maps as render_occlusion_maps_elsewhere with:
    input:
        occlusion=rules.occlude_other_dataset.output.occlusion,
    output:
        **figure(
            f"occlusion_maps_on_{{other}}_{RUN_NAME}",
            "interpretation",
            "Occlusion maps on {other}, {model}, repeat {repeat}, fold {fold}",
        ),
    log:
        f"<logs>/render_occlusion_maps/{{other}}_{RUN_NAME}.log",


rule compare_occlusion_regions:
    """Where Fig. 4's maps lie against the FACS region of each AU: a table, and the regions."""

    # Regions are laid out in registered pixels (registration.image_size) and scaled to the clips'
    # (sampling.image_size), in which the patch and the maps are.
    input:
        occlusion=rules.render_figure_4.input.occlusion,
        cooccurrence=rules.au_cooccurrence.output.table,
    output:
        **figure("au_regions", "interpretation", "FACS regions of the AUs"),
        table="<results>/tables/occlusion_regions.csv",
        table_html=shown(
            "<results>/tables/occlusion_regions.html",
            "interpretation",
            "Occlusion maps and FACS regions",
        ),
    log:
        "<logs>/compare_occlusion_regions.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("compare_occlusion_regions.py"),
        registration=flags(config["registration"], "registration-"),
        min_positive=config["figures"]["occlusion_maps"]["min_positive"],
    shell:
        r"""
        python {params.script} \
            --occlusion {input.occlusion} \
            --cooccurrence {input.cooccurrence} \
            {params.registration} \
            --min-positive {params.min_positive} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """
