"""Occlusion sensitivity: weights and held-out clips -> accuracy under a sliding patch -> maps."""


rule occlusion_sensitivity:
    """Accuracy on positive samples for every position of a gray patch (Sec. IV-C)."""
    input:
        code=code("occlusion_sensitivity.py"),
        weights="results/{dataset}/models/{model}/fold{fold}/weights.pt",
        clips="results/{dataset}/clips.h5",
        folds="results/{dataset}/folds.csv",
    output:
        accuracy=ensure("results/{dataset}/occlusion/{model}/fold{fold}.h5", non_empty=True),
    log:
        "results/{dataset}/logs/occlusion_sensitivity/{model}_fold{fold}.log",
    benchmark:
        "results/{dataset}/benchmarks/occlusion_sensitivity/{model}_fold{fold}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["occlusion"]["threads"]
    resources:
        gpu=gpus("occlusion"),
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime="8h",
    params:
        settings=settings("occlusion", threshold=config["evaluation"]["threshold"]),
    shell:
        "python workflow_scripts/occlusion_sensitivity.py --weights {input.weights}"
        " --clips {input.clips} --folds {input.folds} --fold {wildcards.fold}"
        " --settings {params.settings:q} --output {output.accuracy} > {log} 2>&1"
