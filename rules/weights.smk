"""Weights for everybody: people rendered straight to clips, several trainings of each model as one
network, judged on others.

`make weights` runs this with config/weights.yaml.
"""

for people in JOBS if CLIPS_ONLY else []:

    rule:
        """Render some people and make clips of them at once."""
        name:
            f"render_clips_{people[0]}"
        input:
            portrait=PORTRAIT,
        output:
            clips=expand(CLIP, video=expand("{name}_{task}", name=people, task=TASKS)),
        log:
            f"<logs>/render_clips/{people[0]}.log",
        conda:
            REGISTRATION
        resources:
            **RENDERING,
        params:
            **program("render_clips.py"),
            portrait=lambda wildcards, input: option("--portrait", input.portrait),
            folder=lambda wildcards, output: Path(output.clips[0]).parent,
            people=people,
            action_units=config["dataset"]["action_units"],
            seed=config["seed"],
            settings=UNCOUNTED,
            counts=COUNTED,
            registration=flags(config["registration"], "registration-"),
            sampling=flags(config["sampling"], "sampling-"),
        shell:
            r"""
            python {params.script} \
                {params.portrait} \
                --only {params.people} \
                --action-units {params.action_units} \
                --seed {params.seed} \
                {params.settings} \
                {params.counts} \
                {params.registration} \
                {params.sampling} \
                --folder {params.folder} \
                >{log} 2>&1
            """


# Whom the networks know, in words.
PEOPLE_OF = {"heads": "rendered people", "portrait": "one warped portrait"}
# Whom other datasets show, where "subjects" would say too much.
FACES_OF = {"weights_portrait": "warps of one portrait"}
FIRST_PLACE = PLACE.replace("{repeat}", "1").replace("{fold}", "1")
AVERAGED = f"<results>/averaged/{FIRST_PLACE}"
AVERAGED_ACROSS = f"<results>/averaged/across/{{other}}/{FIRST_PLACE}/predictions.csv"
# Those of another split know people that the first one holds out.
SAME_SPLIT = REPEATS[: config["evaluation"]["seeds_per_split"]]
if asked_for("weights") and len(SAME_SPLIT) > 1 and config["training"]["validation_subjects"]:
    raise WorkflowError(
        "training.validation_subjects are others with each seed, so that no two trainings are on "
        "the same clips; for weights set it to 0, or evaluation.seeds_per_split to 1"
    )


rule average_networks:
    """Take the trainings of a model, which differ by their seeds, as one network."""
    input:
        **CLIPS,
        weights=of_every_run(f"{RUN}/weights.pt", model="{model}", repeat=SAME_SPLIT, fold=1),
        made_with=of_every_run(f"{RUN}/provenance.json", model="{model}", repeat=SAME_SPLIT, fold=1),
        folds=expand(FOLDS_FILE, repeat=1),
    output:
        weights=f"{AVERAGED}/weights.pt",
        predictions=f"{AVERAGED}/predictions.csv",
        provenance=f"{AVERAGED}/provenance.json",
    log:
        "<logs>/average_networks/{model}.log",
    conda:
        TRAINING
    threads: config["predict"]["threads"]
    resources:
        **gpu_job("predict", megabytes=8000),
    params:
        **program("average_networks.py"),
        fold=1,
        device=config["predict"]["device"],
    shell:
        r"""
        python {params.script} \
            --weights {input.weights} \
            --made-with {input.made_with} \
            --clips {input.clips} \
            --folds {input.folds} \
            --fold {params.fold} \
            --device {params.device} \
            --threads {threads} \
            --output {output.weights} \
            --predictions {output.predictions} \
            --provenance {output.provenance} \
            >{log} 2>&1
        """


use rule predict_other_dataset as predict_other_dataset_averaged with:
    input:
        clips=ancient(of_other_dataset("clips.h5")),
        digest=of_other_dataset("clips.sha256"),
        weights=rules.average_networks.output.weights,
    output:
        predictions=ensure(AVERAGED_ACROSS, non_empty=True),
    log:
        "<logs>/predict_other_dataset_averaged/{other}_{model}.log",
    benchmark:
        "<benchmarks>/predict_other_dataset_averaged/{other}_{model}.tsv"


rule judge_weights:
    """Calibrate a network, and say what it is worth, on people that it was not trained on."""
    input:
        weights=rules.average_networks.output.weights,
        predictions=rules.average_networks.output.predictions,
        provenance=rules.average_networks.output.provenance,
        others=expand(AVERAGED_ACROSS, other=OTHER_DATASETS, allow_missing=True),
    output:
        weights="<results>/judged/{model}.pt",
        table="<results>/judged/{model}.csv",
        evidence="<results>/judged/{model}_evidence.csv",
        provenance="<results>/judged/{model}.json",
        uncalibrated="<results>/judged/{model}/uncalibrated/repeat1/fold1/predictions.csv",
        calibrated="<results>/judged/{model}/calibrated/repeat1/fold1/predictions.csv",
    log:
        "<logs>/judge_weights/{model}.log",
    conda:
        TRAINING
    resources:
        **QUICK,
    params:
        **program("judge_weights.py"),
        trained_on=PEOPLE_OF[config["synthesis"]["source"]] if SYNTHESIZE else DATASET,
        real="" if SYNTHESIZE else "--real",
        others_show=[FACES_OF.get(other, f"subjects of {other}") for other in OTHER_DATASETS],
        seed=config["seed"],
    shell:
        r"""
        python {params.script} \
            --weights {input.weights} \
            --predictions {input.predictions} \
            --made-with {input.provenance} \
            --trained-on {params.trained_on:q} \
            {params.real} \
            --others {input.others} \
            --others-show {params.others_show:q} \
            --seed {params.seed} \
            --output {output.weights} \
            --table {output.table} \
            --evidence {output.evidence} \
            --uncalibrated {output.uncalibrated} \
            --calibrated {output.calibrated} \
            --provenance {output.provenance} \
            >{log} 2>&1
        """


use rule plot_reliability as plot_weights_reliability with:
    input:
        predictions=[
            rules.judge_weights.output.uncalibrated,
            rules.judge_weights.output.calibrated,
        ],
    output:
        png="<results>/judged/{model}_reliability.png",
        pdf="<results>/judged/{model}_reliability.pdf",
    log:
        "<logs>/plot_weights_reliability/{model}.log",


use rule across_datasets as judge_weights_across with:
    input:
        predictions=expand(rules.average_networks.output.predictions, model=MODELS),
        across=expand(AVERAGED_ACROSS, other=OTHER_DATASETS, model=MODELS),
    output:
        table="<results>/judged/across_datasets.csv",
        table_html="<results>/judged/across/table.html",
        table_latex="<results>/judged/across/table.tex",
        by_fold="<results>/judged/across/metrics_by_fold.csv",
        by_subject="<results>/judged/across/metrics_by_subject.csv",
    log:
        "<logs>/judge_weights_across.log",


rule weights:
    """One judged network of each model."""
    input:
        rules.judge_weights_across.output.table if OTHER_DATASETS else [],
        expand(rules.judge_weights.output.weights, model=MODELS),
        expand(rules.plot_weights_reliability.output, model=MODELS),
