namespace Graft.Cli.Tests;

/// <summary>Command lines whose options have an effect, and others in which one has none.</summary>
internal static class OptionLines
{
    private const string Machine = " --threads 2 --limit pixels=1000";
    private const string Reading =
        " --task multi --layout parts --encoding windows-1252 --group-by folder --crop-boxes";
    private const string Features =
        " --views fresh --pooling flatten --balance sampling --validation-share 0.2 --test-share 0.3"
        + " --rejected-limit 0.5 --seed 2 --engine torch --decode-threads 3 --skip-empty-classes";
    private const string Run = " --max-error 1% --threshold 0.5 --seeds 2 --out r --json --verbose";

    /// <summary>Lines in which each of their options has an effect.</summary>
    public static (string Verb, string[] Lines)[] Effective { get; } =
    [
        (
            "train",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache --dry-run",
                "x --body resnet18 --weights w.pth --cache-limit 1GB --checkpoint-minutes 1",
                "x --from m.onnx --effort best",
                "x --config FILE --pull --quiet",
                "x --epochs 5 --train 0.5 --head-rate 0.1 --quarter-decay 0.5 --search none --unfreeze progressive"
                    + " --loss asymmetric"
                    + " --batch 8 --co-tuning 2.3 --target-accuracy 0.9 --budget 5m --rows int8",
                "x --body-rate 0.1 --search deep --tensorboard --with-neighbours",
                "x --unfreeze once --search auto --start zero --effort normal --rows auto --dropout 0.5",
                "x --head 64 --dropout 0.3 --start random --head-optimizer adam --head-epochs 3"
                    + " --head-training-rate 0.1",
                "x --features-from store --mixed-machines",
                "x --seeds 3 --from-units s",
                "x --seeds 3 --workers 2",
                "x" + Reading + Features + Machine + Run,
            ]
        ),
        (
            "plan",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache --out s --seeds 2",
                "x --body resnet18 --weights w.pth --cache-limit 1GB --effort best --config FILE --out s --seeds 2",
                "x --epochs 5 --train 0.5 --head-rate 0.1 --quarter-decay 0.5 --search none --unfreeze progressive"
                    + " --loss asymmetric --batch 8 --co-tuning 2.3 --target-accuracy 0.9 --budget 5m --rows int8"
                    + " --out s --seeds 2",
                "x --body-rate 0.1 --search deep --out s --seeds 2 --with-neighbours --json",
                "x --head 64 --dropout 0.3 --start random --head-optimizer adam --head-epochs 3"
                    + " --head-training-rate 0.1 --out s --seeds 2",
                "x --features-from store --mixed-machines --max-error 1% --threshold 0.5 --out s --seeds 2",
                "x --out s --seeds 2"
                    + Reading
                    + Features.Replace(" --decode-threads 3", "", StringComparison.Ordinal)
                    + Machine,
            ]
        ),
        (
            "work",
            [
                "s --shard auto --shards 4 --mixed-machines --no-cache --decode-threads 2 --checkpoint-minutes 1"
                    + " --quiet",
                "s --shard 0/4 --cache-limit 1GB --json",
            ]
        ),
        (
            "extract",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --out s --shard auto --shards 4",
                "x --body resnet18 --weights w.pth --out s --shard 0/4 --unit-images 9 --mixed-machines --quiet",
                "x --out s --epochs 5 --train 0.5 --search none --unfreeze progressive --co-tuning 2.3 --budget 5m"
                    + " --rows int8 --effort best",
                "x --out s --head 64 --start random --head-epochs 3 --body-rate 0.1 --json",
                "x --out s" + Reading + Features.Replace(" --balance sampling", "", StringComparison.Ordinal) + Machine,
            ]
        ),
        (
            "features",
            [
                "x --out f.parquet --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --out f.safetensors --body resnet18 --weights w.pth --cache-limit 1GB --skip-empty-classes --json",
                "x --out f.parquet --quiet" + Reading + Machine,
            ]
        ),
        ("merge", ["s --mixed-machines --quiet --json"]),
        (
            "probe",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache --dry-run",
                "x --body resnet18 --weights w.pth --cache-limit 1GB",
                "x --from m.onnx --effort best",
                "x --config FILE --pull --quiet",
                "x --features-from store --mixed-machines --with-neighbours",
                "x --seeds 3 --from-units s",
                "x --seeds 3 --workers 2",
                "x" + Reading + Features.Replace("fresh", "3", StringComparison.Ordinal) + Machine + Run,
            ]
        ),
        (
            "rates",
            [
                "x --body a.onnx --features e --input-recipe half --size 96 --fit pad --no-cache",
                "x --body resnet18 --weights w.pth --cache-limit 1GB",
                "x --train 0 --head-optimizer adam",
                "x --head 64 --dropout 0.3 --start random --quarter-decay 0.5 --loss asymmetric --batch 8 --rows int8",
                "x --plot p.svg --quiet --json" + Reading + Features + Machine,
            ]
        ),
        ("resume", ["r --images x --decode-threads 2 --checkpoint-minutes 1 --json --quiet", "r --verbose"]),
        (
            "evaluate",
            [
                "m x --split test --split-file s.csv --against o.onnx --rejected-limit 0.5 --skip-empty-classes --json"
                    + Reading
                    + Machine
                    + " --quiet",
                "m x --verbose",
            ]
        ),
        (
            "export",
            [
                "m --out o.onnx --precision int8 --weight-bits 7 --even-if-slower --max-loss 1% --json" + Machine,
                "m --out o.onnx --images x --split-file s.csv --skip-empty-classes --quiet" + Reading,
            ]
        ),
        ("predict", ["m x --top 2 --recursive --json" + Machine, "m x --no-recursive"]),
        (
            "doctor",
            [
                "x --body resnet18 --weights w.pth --fit pad --report r.html --write-ignore --quiet --json"
                    + Reading
                    + Machine,
            ]
        ),
        ("data", []),
        ("data convert", ["x y --to csv --skip-empty-classes --limit pixels=1000 --quiet --json" + Reading]),
        ("check", ["--json"]),
        ("bodies", ["--json --measure --quiet"]),
        ("bodies list", ["--json --measure --quiet"]),
        ("bodies pull", ["resnet18 --mirror http://localhost --quiet --json"]),
        ("bodies add", ["resnet18 w.pth --json"]),
        (
            "bodies import",
            [
                "a.onnx --name n --input-recipe half --features e --licence MIT --limit model-nodes=9 --replace"
                    + " --json",
            ]
        ),
        ("cuts", ["resnet18 --size 96 --json"]),
        ("cache", ["--json"]),
        ("cache clear", ["--json"]),
        ("show", ["m --json"]),
        ("report", ["r --out page.html --plots charts --json"]),
        ("explain", ["m x --out heat --label roses --neighbours 2 --json" + Machine]),
        (
            "serve",
            [
                "m --port 9000 --host 127.0.0.1 --api-key 0123456789abcdef --workers 2 --batch-size 4 --queue 9"
                    + " --request-bytes 1000 --images 3 --timeout 5s --requests-per-second 9 --no-page"
                    + " --limit pixels=1000 --json",
            ]
        ),
        ("studio", ["x --runs r --port 9000 --threads 1 --json"]),
        ("bodies recommend", ["--budget-ms 20 --quiet --json"]),
        ("completion", ["bash --json"]),
        ("help", ["train --json"]),
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
            { "--loss", "train x --effort quick --loss asymmetric" },
            { "--threshold", "train x --task single --threshold 0.5" },
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
            { "--verbose", "train x --verbose --quiet" },
            { "--verbose", "probe x --verbose --quiet" },
            { "--verbose", "resume r --verbose --quiet" },
            { "--verbose", "evaluate m x --verbose --json" },
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
            { "--pull", "train x --pull --dry-run" },
            { "--pull", "probe x --pull --dry-run" },
            { "--verbose", "train x --verbose --dry-run" },
            { "--verbose", "probe x --verbose --dry-run" },
            { "--quiet", "bodies --quiet" },
            { "--quiet", "bodies list --quiet" },
            { "--cache-limit", "train x --no-cache --cache-limit 1GB" },
            { "--pull", "train x --pull --from m.onnx" },
            { "--pull", "train x --pull --weights w.pth" },
            { "--pull", "probe x --pull --body a.onnx" },
            { "--mixed-machines", "train x --mixed-machines" },
            { "--workers", "train x --workers 2" },
            { "--workers", "probe x --workers 2" },
            { "--workers", "train x --seeds 2 --workers 2 --dry-run" },
            { "--from-units", "train x --from-units s" },
            { "--from-units", "probe x --from-units s" },
            { "--from-units", "train x --seeds 2 --from-units s --dry-run" },
            { "--tensorboard", "train x --seeds 2 --workers 2 --tensorboard" },
            { "--tensorboard", "train x --seeds 2 --from-units s --tensorboard" },
            { "--shards", "work s --shards 4" },
            { "--shards", "extract x --out s --shards 4" },
            { "--group-by", "evaluate m x --group-by patient-(.)" },
            { "--group-by", "data convert x y --group-by patient-(.)" },
            { "--limit", "data convert x y --limit model-nodes=9" },
            { "--limit", "bodies import a.onnx --limit pixels=9" },
            { "--split-file", "evaluate m x --split all --split-file s.csv" },
            { "--weight-bits", "export m --out o --precision float16 --weight-bits 7" },
            { "--even-if-slower", "export m --out o --precision float16 --even-if-slower" },
            { "--split-file", "export m --out o --split-file s.csv" },
            { "--task", "export m --out o --task multi" },
            { "--layout", "export m --out o --layout parts" },
            { "--encoding", "export m --out o --encoding windows-1252" },
            { "--group-by", "export m --out o --group-by folder" },
            { "--crop-boxes", "export m --out o --crop-boxes" },
            { "--skip-empty-classes", "export m --out o --skip-empty-classes" },
            { "--json", "cache --json clear" },
            { "--json", "bodies --json list" },
        };
}
