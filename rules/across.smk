"""Across datasets: every trained network on the clips of others -> what it loses there.

The others' clips are files as they lie: whoever judges a network must not set off that another
dataset is rendered or registered.
"""

OTHER_DATASETS = config["evaluation"]["other_datasets"]


wildcard_constraints:
    other="|".join(OTHER_DATASETS) or "(?!)",


rule predict_other_dataset:
    """Apply a trained network to every clip of another dataset."""
    input:
        clips=ancient(of_other_dataset("clips.h5")),
        digest=of_other_dataset("clips.sha256"),
        weights=f"{RUN}/weights.pt",
    output:
        predictions=ensure(
            "<results>/across/{other}/{model}/fold{fold}/predictions.csv", non_empty=True
        ),
    log:
        "<logs>/predict_other_dataset/{other}_{model}_fold{fold}.log",
    benchmark:
        "<benchmarks>/predict_other_dataset/{other}_{model}_fold{fold}.tsv"
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
