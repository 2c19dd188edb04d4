"""The paper's claims: everything measured, and the paper's own tables -> a verdict on each."""


rule judge_claims:
    """Whether each empirical claim of the paper holds, does not, or cannot be told here."""
    input:
        predictions=PREDICTIONS,
        metrics=rules.paired_ttests.input.metrics,
        occlusion=expand("<results>/occlusion/{run}.h5", run=OCCLUSION_RUNS),
        # Its tests are of evaluation.reference, and the paper's claims of FACS3D-Net.
        corrected=(
            "<results>/tables/table2_repeats.csv"
            if "table2_repeats.csv" in TABLES and config["evaluation"]["reference"] == "facs3d"
            else []
        ),
        table1=named_file("config/paper/table1.csv"),
        table2=named_file("config/paper/table2.csv"),
    output:
        table="<results>/tables/claims.csv",
        table_html=shown("<results>/tables/claims.html", "claims", "The paper's claims"),
        table_latex="<results>/tables/claims.tex",
    log:
        "<logs>/judge_claims.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("judge_claims.py"),
        judging=flags(
            {
                name: config["evaluation"][name]
                for name in (
                    "threshold",
                    "thresholds",
                    "pairs",
                    "claims_confidence",
                    "claims_repeats",
                )
            }
        ),
        registration=flags(config["registration"], "registration-"),
        min_positive=config["figures"]["occlusion_maps"]["min_positive"],
        seed=config["seed"],
        corrected=lambda wildcards, input: option("--corrected-tests", input.corrected),
    shell:
        r"""
        python {params.script} \
            --predictions {input.predictions} \
            --metrics {input.metrics} \
            --occlusion {input.occlusion} \
            {params.corrected} \
            --paper-table1 {input.table1} \
            --paper-table2 {input.table2} \
            {params.judging} \
            {params.registration} \
            --min-positive {params.min_positive} \
            --seed {params.seed} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-table-latex {output.table_latex} \
            >{log} 2>&1
        """
