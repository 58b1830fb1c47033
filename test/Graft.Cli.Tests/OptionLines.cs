namespace Graft.Cli.Tests;

/// <summary>Command lines whose options have an effect, and others in which one has none.</summary>
internal static class OptionLines
{
    private const string Machine = " --threads 2 --limit pixels=1000";
    private const string Reading = " --layout parts --encoding windows-1252 --group-by folder --crop-boxes";
    private const string Features =
        " --views fresh --pooling flatten --balance sampling --validation-share 0.2 --test-share 0.3"
        + " --rejected-limit 0.5 --seed 2 --engine torch --decode-threads 3 --skip-empty-classes";
    private const string Run = " --max-error 1% --seeds 2 --out r --json";

    /// <summary>Lines in which each of their options has an effect.</summary>
    public static (string Verb, string[] Lines)[] Effective { get; } =
    [
        (
            "train",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB --checkpoint-minutes 1",
                "x --from m.onnx --effort best",
                "x --config FILE --pull",
                "x --epochs 5 --train 0.5 --head-rate 0.1 --quarter-decay 0.5 --search none --unfreeze progressive"
                    + " --batch 8 --co-tuning 2.3 --target-accuracy 0.9 --budget 5m --rows int8",
                "x --body-rate 0.1 --search deep",
                "x --unfreeze once --search auto --start zero --effort normal --rows auto --dropout 0.5",
                "x --head 64 --dropout 0.3 --start random --head-optimizer adam --head-epochs 3"
                    + " --head-training-rate 0.1",
                "x" + Reading + Features + Machine + Run,
            ]
        ),
        (
            "probe",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB",
                "x --from m.onnx --effort best",
                "x --config FILE --pull",
                "x" + Reading + Features.Replace("fresh", "3", StringComparison.Ordinal) + Machine + Run,
            ]
        ),
        (
            "rates",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB",
                "x --train 0 --head-optimizer adam",
                "x --head 64 --dropout 0.3 --start random --quarter-decay 0.5 --batch 8 --rows int8",
                "x --plot p.svg --json" + Reading + Features + Machine,
            ]
        ),
        ("resume", ["r --images x --decode-threads 2 --checkpoint-minutes 1 --json"]),
        (
            "evaluate",
            [
                "m x --split test --split-file s.csv --against o.onnx --rejected-limit 0.5 --skip-empty-classes --json"
                    + Reading
                    + Machine,
            ]
        ),
        ("predict", ["m x --top 2 --recursive --json" + Machine, "m x --no-recursive"]),
        (
            "doctor",
            ["x --body resnet18 --weights w.pth --fit pad --report r.html --write-ignore --json" + Reading + Machine]
        ),
        ("data", []),
        ("data convert", ["x y --to csv --skip-empty-classes --limit pixels=1000" + Reading]),
        ("check", ["--json"]),
        ("bodies", ["--json"]),
        ("bodies list", ["--json"]),
        ("bodies pull", ["resnet18 --mirror http://localhost"]),
        ("bodies add", []),
        (
            "bodies import",
            [
                "a.onnx --name n --input-recipe half --features e --licence MIT --limit model-nodes=9 --replace"
                    + " --json",
            ]
        ),
        ("cuts", ["resnet18 --size 96 --json"]),
        ("cache", ["--json"]),
        ("cache clear", []),
    ];

    /// <summary>The flag that has no effect, and a line that it stands in.</summary>
    public static TheoryData<string, string> Unused { get; } =
        new()
        {
            { "--body", "train x --from m.onnx --body efficientnet_lite0" },
            { "--size", "train x --from m.onnx --size 96" },
            { "--weights", "train x --body a.onnx --weights w.pth" },
            { "--weights", "probe x --body a.onnx --weights w.pth" },
            { "--weights", "rates x --body a.onnx --weights w.pth" },
            { "--weights", "doctor x --body a.onnx --weights w.pth" },
            { "--input-recipe", "train x --input-recipe nosuch.json" },
            { "--input-recipe", "probe x --body resnet18 --input-recipe half" },
            { "--effort", "probe x --effort quick --views 2" },
            { "--effort", "train x --effort best --views 2 --epochs 0" },
            { "--effort", "train x --effort best --views 2 --search none" },
            { "--views", "probe x --views fresh" },
            { "--views", "train x --effort quick --views fresh" },
            { "--head", "train x --effort quick --head 64" },
            { "--head", "train x --start probe --head auto" },
            { "--head", "train x --from m.onnx --head auto" },
            { "--dropout", "train x --head linear --dropout 0.5" },
            { "--dropout", "train x --from m.onnx --dropout 0.3" },
            { "--dropout", "rates x --dropout 0.3" },
            { "--start", "train x --effort quick --start zero" },
            { "--head-epochs", "train x --effort quick --head-epochs 3" },
            { "--head-optimizer", "train x --head linear --head-optimizer rmsprop" },
            { "--head-optimizer", "train x --head-epochs 0 --head-optimizer adam" },
            { "--head-optimizer", "rates x --head-optimizer adam" },
            { "--head-training-rate", "train x --head linear --head-training-rate 0.1" },
            { "--epochs", "train x --effort quick --epochs 3" },
            { "--epochs", "train x --train 0 --epochs 3" },
            { "--train", "train x --epochs 0 --train 0.5" },
            { "--head-rate", "train x --epochs 0 --head-rate 0.1" },
            { "--body-rate", "train x --train 0 --body-rate 0.1" },
            { "--search", "train x --epochs 0 --search auto" },
            { "--search", "train x --train 0.5 --body-rate 0.1 --search deep" },
            { "--search", "train x --epochs 1 --search deep" },
            { "--unfreeze", "train x --epochs 0 --unfreeze progressive" },
            { "--unfreeze", "train x --epochs 0 --unfreeze once" },
            { "--quarter-decay", "train x --epochs 0 --quarter-decay 0.7" },
            { "--quarter-decay", "rates x --train 0 --quarter-decay 0.5" },
            { "--batch", "train x --effort quick --batch 32" },
            { "--batch", "train x --epochs 0 --head-epochs 0 --batch 8" },
            { "--co-tuning", "train x --epochs 0 --co-tuning 2" },
            { "--target-accuracy", "train x --effort quick --target-accuracy 0.9" },
            { "--budget", "train x --effort quick --budget 5m" },
            { "--rows", "train x --epochs 0 --rows auto" },
            { "--rows", "rates x --train 0 --rows int8" },
            { "--checkpoint-minutes", "train x --effort quick --checkpoint-minutes 3" },
            { "--cache-limit", "train x --no-cache --cache-limit 1GB" },
            { "--pull", "train x --pull --from m.onnx" },
            { "--pull", "train x --pull --weights w.pth" },
            { "--pull", "probe x --pull --body a.onnx" },
            { "--group-by", "evaluate m x --group-by patient-(.)" },
            { "--group-by", "data convert x y --group-by patient-(.)" },
            { "--limit", "data convert x y --limit model-nodes=9" },
            { "--limit", "bodies import a.onnx --limit pixels=9" },
            { "--split-file", "evaluate m x --split all --split-file s.csv" },
            { "--json", "cache --json clear" },
            { "--json", "bodies --json list" },
        };
}
