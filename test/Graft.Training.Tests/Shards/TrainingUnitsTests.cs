using System.Diagnostics;

namespace Graft.Training.Tests.Shards;

[Collection("torch")]
public sealed class TrainingUnitsTests : IDisposable
{
    private const int Seeds = 2;
    private readonly ToyWorld _world = new(12);

    private string Store => _world.Run("store");

    // a probe of the plain views: the shortest training
    private TrainingOptions Training =>
        _world.Options with
        {
            Views = 0,
            HeadTraining = new() { Epochs = 0 },
            FineTune = new() { Epochs = 0 },
            Threads = 1,
            Cache = new() { IsOn = false },
        };

    [Fact]
    public void Shares_in_any_order_make_the_bytes_of_one_process()
    {
        Trainer.Repeat(_world.Images, _world.Run("plain"), Seeds, Training, cancel: Cancel);
        PlannedUnits planned = Plan();

        ShardResult second = Work(new(1, 2));
        ShardResult first = Work(new(0, 2));
        RepeatedTraining all = Take("taken");

        Assert.Equal((2, 1, 1), (planned.Units, planned.FirstSeed, planned.Threads));
        Assert.Equal((1, 1, 2), (second.Units, second.Made, first.AllUnits));
        Assert.Equal(2, all.Seeds.Count);
        foreach (string file in (string[])["seeds.json", "model.onnx", "model.json", "seed-2/model.onnx"])
        {
            Assert.Equal(Bytes("plain", file), Bytes("taken", file));
        }
    }

    [Fact]
    public void A_plan_that_is_there_stays_and_another_one_is_refused()
    {
        Plan();

        PlannedUnits again = Plan();
        StoreException options = Assert.Throws<StoreException>(() => Plan(Training with { TestShare = 0.3 }));
        StoreException seeds = Assert.Throws<StoreException>(() => Plan(Training with { Seed = 5 }));

        Assert.Equal(Seeds, again.Units);
        Assert.Contains("planned for other options", options.Message, StringComparison.Ordinal);
        Assert.Contains("planned for 2 seeds from 1", seeds.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_options_and_other_images_than_planned_are_refused()
    {
        Plan();
        Work(Shard.Whole);

        StoreException options = Assert.Throws<StoreException>(() => Take("a", Training with { TestShare = 0.3 }));
        File.Delete(Path.Combine(_world.Images, "rings", "00.png"));
        StoreException images = Assert.Throws<StoreException>(() => Take("b"));

        Assert.Contains("planned for other options", options.Message, StringComparison.Ordinal);
        Assert.Contains("planned for other images", images.Message, StringComparison.Ordinal);
        Assert.False(options.IsPassing || images.IsPassing);
    }

    [Fact]
    public void A_body_with_other_weights_is_refused()
    {
        Plan();
        using ToyWorld other = new(2, body: ToyWorld.DeepBody());
        File.Copy(other.BodyPath, _world.BodyPath, overwrite: true);

        StoreException body = Assert.Throws<StoreException>(() => Work(Shard.Whole));

        Assert.Contains("planned for a body with other weights", body.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_unit_is_named()
    {
        Plan();
        Work(new(0, 2));

        StoreException missing = Assert.Throws<StoreException>(() => Take("taken"));

        Assert.Contains("the unit seed-2 is missing", missing.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_world.Run("taken")));
    }

    [Fact]
    public void A_torn_unit_is_named_and_made_again()
    {
        Plan();
        Work(Shard.Whole);
        string model = Path.Combine(RunOf("seed-2"), "model.onnx");
        byte[] sound = File.ReadAllBytes(model);
        File.WriteAllBytes(model, sound[..(sound.Length / 2)]);

        StoreException torn = Assert.Throws<StoreException>(() => Take("taken"));
        ShardResult again = Work(Shard.Whole);
        Take("taken");

        Assert.Contains("the unit seed-2 is torn", torn.Message, StringComparison.Ordinal);
        Assert.Equal((2, 1), (again.Units, again.Made));
        Assert.Equal(sound, Bytes("taken", "seed-2/model.onnx"));
    }

    [Fact]
    public void Foreign_units_are_named()
    {
        Plan();
        Work(Shard.Whole);
        string manifest = Path.Combine(Store, "work", "seed-2.json");
        File.Copy(manifest, Path.Combine(Store, "work", "seed-9.json"));

        StoreException unplanned = Assert.Throws<StoreException>(() => Take("taken"));
        File.Delete(Path.Combine(Store, "work", "seed-9.json"));
        File.Copy(Path.Combine(Store, "work", "seed-1.json"), manifest, overwrite: true);
        StoreException foreign = Assert.Throws<StoreException>(() => Take("taken"));

        Assert.Contains("the unit seed-9 is foreign", unplanned.Message, StringComparison.Ordinal);
        Assert.Contains("the unit seed-2 is foreign", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Units_of_other_instruction_sets_need_a_permission()
    {
        Plan();
        Work(Shard.Whole);
        string manifest = Path.Combine(Store, "work", "seed-2.json");
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest).Replace("\"machine\": \"", "\"machine\": \"another ", StringComparison.Ordinal)
        );

        StoreException refused = Assert.Throws<StoreException>(() => Take("taken"));
        RepeatedTraining all = Take("taken", Training with { MixedMachines = true });

        Assert.Contains("the unit seed-2 was trained on another ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, all.Seeds.Count);
    }

    [Fact]
    public void What_cannot_be_divided_is_refused()
    {
        TrainingWorkers workers = new(2, (_, _) => new ProcessStartInfo());

        OptionsException one = Assert.Throws<OptionsException>(() =>
            Trainer.Train(_world.Images, _world.Run("a"), Training with { Workers = workers }, cancel: Cancel)
        );
        OptionsException earlier = Assert.Throws<OptionsException>(() => Plan(new() { ContinueFrom = "model.onnx" }));
        OptionsException objects = Assert.Throws<OptionsException>(() =>
            Trainer.Repeat(
                ImageSet.Load(_world.Images, cancel: Cancel),
                _world.Run("b"),
                Seeds,
                Training with
                {
                    Workers = workers,
                },
                cancel: Cancel
            )
        );

        Assert.Equal("Workers", Assert.Single(one.Problems).Property);
        Assert.Equal("ContinueFrom", Assert.Single(earlier.Problems).Property);
        Assert.Equal("Workers", Assert.Single(objects.Problems).Property);
    }

    [Fact]
    public void A_worker_that_cannot_be_started_or_fails_ends_the_training_and_leaves_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell of Unix");
        TrainingWorkers absent = new(2, (_, _) => new ProcessStartInfo("/nosuch/program"));
        TrainingWorkers failing = new(2, (_, _) => new ProcessStartInfo("sh", ["-c", "echo no luck >&2; exit 3"]));

        GraftException start = Assert.Throws<GraftException>(() => Repeat(absent));
        GraftException failed = Assert.Throws<GraftException>(() => Repeat(failing));

        Assert.Contains("'/nosuch/program' cannot be started as a worker", start.Message, StringComparison.Ordinal);
        Assert.Contains("has ended with exit code 3 (no luck)", failed.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_world.Run("repeated"), "units")));
    }

    public void Dispose() => _world.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PlannedUnits Plan(TrainingOptions? options = null) =>
        TrainingUnits.Plan(_world.Images, Store, Seeds, options ?? Training, Cancel);

    private ShardResult Work(Shard shard) =>
        TrainingUnits.Work(Store, new() { Shard = shard, Cache = new() { IsOn = false } }, cancel: Cancel);

    private RepeatedTraining Take(string run, TrainingOptions? options = null) =>
        Trainer.Repeat(
            _world.Images,
            _world.Run(run),
            Seeds,
            (options ?? Training) with
            {
                UnitsFrom = Store,
            },
            cancel: Cancel
        );

    private RepeatedTraining Repeat(TrainingWorkers workers) =>
        Trainer.Repeat(
            _world.Images,
            _world.Run("repeated"),
            Seeds,
            Training with
            {
                Workers = workers,
            },
            cancel: Cancel
        );

    private string RunOf(string unit) => Directory.GetDirectories(Path.Combine(Store, "work"), unit + ".*").Single();

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_world.Run(run), file));
}
