"""Training: clips and folds -> weights, history and held-out predictions of every model and fold."""


rule train:
    """Train one model on all folds but one and predict the held-out fold (Sec. III-C, IV-A.4)."""
    input:
        code=code("train.py"),
        clips="results/{dataset}/clips.h5",
        folds="results/{dataset}/folds.csv",
    output:
        weights=ensure("results/{dataset}/models/{model}/fold{fold}/weights.pt", non_empty=True),
        history="results/{dataset}/models/{model}/fold{fold}/history.csv",
        predictions=ensure(
            "results/{dataset}/models/{model}/fold{fold}/predictions.csv", non_empty=True
        ),
        provenance="results/{dataset}/models/{model}/fold{fold}/provenance.json",
    log:
        "results/{dataset}/logs/train/{model}_fold{fold}.log",
    benchmark:
        "results/{dataset}/benchmarks/train/{model}_fold{fold}.tsv"
    # A preempted or killed training goes on from its checkpoint, which is not an output: Snakemake
    # deletes the outputs of a failed job. A cluster's job tries once, in the memory that it was given.
    retries: 3 if workflow.is_main_process else 0
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        gpu=gpus("training"),
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime="8h",
    params:
        seed=config["seed"],
        architecture=settings("architecture"),
        settings=settings("training"),
        footage=json.dumps(
            {
                "steps": config["sampling"]["steps"],
                "frames_per_second": config["dataset"]["frames_per_second"],
                "registration": config["registration"],
            },
            sort_keys=True,
        ),
    shell:
        # exec: a signal to the job's shell reaches the training.
        "exec python workflow_scripts/train.py --clips {input.clips} --folds {input.folds}"
        " --fold {wildcards.fold} --model {wildcards.model} --seed {params.seed}"
        " --architecture {params.architecture:q} --settings {params.settings:q}"
        " --footage {params.footage:q}"
        " --weights {output.weights} --history {output.history}"
        " --predictions {output.predictions} --provenance {output.provenance} > {log} 2>&1"
