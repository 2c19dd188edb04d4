"""Occlusion sensitivity: weights and held-out clips -> accuracy and AUC under a sliding patch."""


rule occlusion_sensitivity:
    """Accuracy on positive samples (Sec. IV-C), and AUC, for every position of a gray patch."""
    input:
        **CLIPS,
        weights=f"{RUN}/weights.pt",
        folds=FOLDS_FILE,
    output:
        occlusion=ensure(f"<results>/occlusion/{PLACE}.h5", non_empty=True),
    log:
        f"<logs>/occlusion_sensitivity/{RUN_NAME}.log",
    benchmark:
        f"<benchmarks>/occlusion_sensitivity/{RUN_NAME}.tsv"
    conda:
        TRAINING
    threads: config["occlusion"]["threads"]
    resources:
        **gpu_job("occlusion", megabytes=8000),
    params:
        **program("occlusion_sensitivity.py"),
        threshold=config["evaluation"]["threshold"],
        settings=flags(config["occlusion"]),
    shell:
        r"""
        python {params.script} \
            --weights {input.weights} \
            --clips {input.clips} \
            --folds {input.folds} \
            --repeat {wildcards.repeat} \
            --fold {wildcards.fold} \
            --threshold {params.threshold} \
            {params.settings} \
            --output {output.occlusion} \
            >{log} 2>&1
        """
