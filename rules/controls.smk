"""Controls: datasets of which is known what must come out -> a page that says whether it does.

`make controls` makes each dataset with its own config, then runs `controls` with config/controls.yaml.
"""

from facs3d.planning.controls import control_doses

CONTROL_DOSES = control_doses(BASE / "config")


rule measured:
    """What of a dataset the controls are judged by: metrics of every training, and no more."""
    input:
        rules.aggregate_metrics.output.by_fold,
        rules.aggregate_metrics.output.by_subject,


rule occluded:
    """The same of occlusion maps: the runs that `figures.occlusion_runs` names."""
    input:
        expand("<results>/occlusion/{run}.h5", run=OCCLUSION_RUNS),


rule compare_controls:
    """Judge the controls: what is known to be there must be found, and nothing else."""
    input:
        by_fold=of_controls("tables/metrics_by_fold.csv", CONTROL_DOSES),
        by_subject=of_controls("tables/metrics_by_subject.csv", CONTROL_DOSES),
        together=of_controls(expand("occlusion/{run}.h5", run=OCCLUSION_RUNS), ["controls_statics"]),
        alone=of_controls(expand("occlusion/{run}.h5", run=OCCLUSION_RUNS), ["controls_regions"]),
    output:
        table="results/controls/controls.csv",
        doses="results/controls/dose_response.csv",
        null="results/controls/null.csv",
        company="results/controls/company.csv",
        html="results/controls/controls.html",
        png="results/controls/controls.png",
        pdf="results/controls/controls.pdf",
    log:
        "<logs>/compare_controls.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("compare_controls.py"),
        doses=list(CONTROL_DOSES.values()),
        controlled=config["synthesis"]["dynamics_control"],
        seeds_per_split=config["evaluation"]["seeds_per_split"],
        min_positive=config["figures"]["occlusion_maps"]["min_positive"],
        registration=flags(config["registration"], "registration-"),
    shell:
        r"""
        python {params.script} \
            --doses {params.doses} \
            --by-fold {input.by_fold} \
            --by-subject {input.by_subject} \
            --controlled {params.controlled} \
            --seeds-per-split {params.seeds_per_split} \
            --together {input.together} \
            --alone {input.alone} \
            --min-positive {params.min_positive} \
            {params.registration} \
            --output-table {output.table} \
            --output-doses {output.doses} \
            --output-null {output.null} \
            --output-company {output.company} \
            --output-html {output.html} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """


rule controls:
    """Whether the pipeline can tell: `make controls`."""
    input:
        rules.compare_controls.output,
