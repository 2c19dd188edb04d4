"""Training: clips and folds -> weights, history and held-out predictions of every model and fold."""


rule train:
    """Train one model on all folds but one and predict the held-out fold (Sec. III-C, IV-A.4)."""
    input:
        **CLIPS,
        folds=FOLDS_FILE,
    output:
        weights=ensure(f"{RUN}/weights.pt", non_empty=True),
        history=f"{RUN}/history.csv",
        predictions=ensure(f"{RUN}/predictions.csv", non_empty=True),
        provenance=f"{RUN}/provenance.json",
    log:
        f"<logs>/train/{RUN_NAME}.log",
    benchmark:
        f"<benchmarks>/train/{RUN_NAME}.tsv"
    # A preempted or killed training goes on from its checkpoint, which is not an output: Snakemake
    # deletes the outputs of a failed job. A cluster's job tries once, in the memory that it was given.
    retries: 3 if workflow.is_main_process else 0
    conda:
        TRAINING
    threads: config["training"]["threads"]
    resources:
        **gpu_job("training", megabytes=16000),
    params:
        **program("train.py"),
        dataset=DATASET,
        # No input: a description, whose lack must not set off the registration.
        tracking=lambda wildcards, input: "" if CLIPS_ONLY else f"--tracking {RESULTS}/tracking",
        seed=lambda wildcards: seed_of(int(wildcards.repeat)),
        architecture=flags(config["architecture"]),
        settings=flags(config["training"]),
    shell:
        # exec: a signal to the job's shell reaches the training.
        r"""
        exec python {params.script} \
            --clips {input.clips} \
            --dataset {params.dataset:q} \
            {params.tracking} \
            --folds {input.folds} \
            --fold {wildcards.fold} \
            --model {wildcards.model} \
            --seed {params.seed} \
            {params.architecture} \
            {params.settings} \
            --weights {output.weights} \
            --history {output.history} \
            --predictions {output.predictions} \
            --provenance {output.provenance} \
            >{log} 2>&1
        """
