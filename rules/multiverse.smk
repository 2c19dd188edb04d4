"""Multiverse: choices where the paper is silent -> every specification's difference, and which decide.

`snakemake multiverse`; the choices are the config's section multiverse (docs/multiverse.md).
"""

try:
    MULTIVERSE = plan_multiverse(config, assigned=any(video.fold for video in videos))
except InputError as error:
    raise WorkflowError(str(error))

TRAININGS = {training.name: training for training in MULTIVERSE.trainings}
COMPARED = [config["evaluation"]["reference"], config["multiverse"]["baseline"]]
SOME_FOLDS = config["multiverse"]["folds"]
OTHER_RUN = "<results>/multiverse/{training}/models/{model}/repeat1/fold{fold}"
ALL_CHOICES = shlex.quote(json.dumps(MULTIVERSE.choices))


wildcard_constraints:
    training="|".join(TRAININGS) or "(?!)",


use rule split_folds as split_folds_otherwise with:
    output:
        folds=ensure("<results>/multiverse/folds/repeat{repeat}.csv", non_empty=True),
    log:
        "<logs>/split_folds_otherwise/repeat{repeat}.log",
    wildcard_constraints:
        repeat=r"[1-9]\d*",
    params:
        seed=lambda wildcards: seed_of(int(wildcards.repeat)),


use rule train as train_otherwise with:
    input:
        **CLIPS,
        folds=lambda wildcards: split_file(TRAININGS[wildcards.training].split),
    output:
        # Nobody asks for them again.
        weights=temp(f"{OTHER_RUN}/weights.pt"),
        history=f"{OTHER_RUN}/history.csv",
        predictions=ensure(f"{OTHER_RUN}/predictions.csv", non_empty=True),
        provenance=f"{OTHER_RUN}/provenance.json",
    log:
        "<logs>/train_otherwise/{training}_{model}_fold{fold}.log",
    benchmark:
        "<benchmarks>/train_otherwise/{training}_{model}_fold{fold}.tsv"
    params:
        seed=lambda wildcards: seed_of(TRAININGS[wildcards.training].seed),
        architecture=lambda wildcards: flags(
            TRAININGS[wildcards.training].section("architecture", config)
        ),
        settings=lambda wildcards: flags(TRAININGS[wildcards.training].section("training", config)),


rule evaluate_specification:
    """One training in every way to evaluate it: the difference of the models, its interval, tests."""
    input:
        predictions=predictions_of_training,
    output:
        table="<results>/multiverse/{training}/evaluations.csv",
    log:
        "<logs>/evaluate_specification/{training}.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("evaluate_specification.py"),
        values=lambda wildcards: shlex.quote(json.dumps(TRAININGS[wildcards.training].values)),
        ways=shlex.quote(json.dumps(MULTIVERSE.ways)),
        reference=config["evaluation"]["reference"],
        seed=config["seed"],
    shell:
        r"""
        python {params.script} \
            --predictions {input.predictions} \
            --training {wildcards.training} \
            --values {params.values} \
            --ways {params.ways} \
            --reference {params.reference} \
            --seed {params.seed} \
            --output {output.table} \
            >{log} 2>&1
        """


rule collect_specifications:
    """Every specification, the share in which each claim holds, and the choices that decide."""
    input:
        evaluations=some(
            expand("<results>/multiverse/{training}/evaluations.csv", training=TRAININGS),
            "multiverse.choices names no choice; name one or more",
        ),
    output:
        table=shown(
            "<results>/tables/multiverse.csv", "results", "Multiverse: specifications (CSV)"
        ),
        table_html=shown(
            "<results>/tables/multiverse.html", "results", "Multiverse: specifications"
        ),
        choices="<results>/tables/multiverse_choices.csv",
        choices_html=shown(
            "<results>/tables/multiverse_choices.html", "results", "Multiverse: choices"
        ),
        choices_latex="<results>/tables/multiverse_choices.tex",
    log:
        "<logs>/collect_specifications.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("collect_specifications.py"),
        choices=ALL_CHOICES,
        reference=COMPARED[0],
        baseline=COMPARED[1],
    shell:
        r"""
        python {params.script} \
            --evaluations {input.evaluations} \
            --choices {params.choices} \
            --reference {params.reference} \
            --baseline {params.baseline} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-choices {output.choices} \
            --output-choices-html {output.choices_html} \
            --output-choices-latex {output.choices_latex} \
            >{log} 2>&1
        """


rule plot_specification_curve:
    """Every specification's difference, sorted, above the choices that it makes."""
    input:
        table=rules.collect_specifications.output.table,
        choices=rules.collect_specifications.output.choices,
    output:
        **figure("specification_curve", "results", "Specification curve"),
    log:
        "<logs>/plot_specification_curve.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("plot_specification_curve.py"),
        choices=ALL_CHOICES,
        reference=COMPARED[0],
        baseline=COMPARED[1],
    shell:
        r"""
        python {params.script} \
            --table {input.table} \
            --of-choices {input.choices} \
            --choices {params.choices} \
            --reference {params.reference} \
            --baseline {params.baseline} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule multiverse:
    """Does the conclusion survive the choices? `snakemake multiverse`."""
    input:
        rules.collect_specifications.output,
        rules.plot_specification_curve.output,
