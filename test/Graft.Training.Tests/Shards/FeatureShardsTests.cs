using Graft.Prediction;
using Microsoft.Data.Sqlite;

namespace Graft.Training.Tests.Shards;

[Collection("torch")]
public sealed class FeatureShardsTests : IDisposable
{
    private const int Units = 8; // 60 images, 8 a unit
    private readonly ToyWorld _world = new();

    private string Store => _world.Run("store");

    // its body is trained, so the store holds activations too
    private TrainingOptions Training =>
        _world.Options with
        {
            Threads = 1,
            Cache = new() { IsOn = false },
        };

    [Fact]
    public void The_merged_bytes_depend_neither_on_the_number_of_shards_nor_on_their_order()
    {
        Extract(_world.Run("one"), Shard.Whole);
        Extract(Store, new(2, 3));
        Extract(Store, new(0, 3));
        Extract(Store, new(1, 3));

        MergedFeatures merged = Merge(Store);

        Assert.Equal(Merge(_world.Run("one")).Sha256, merged.Sha256);
        Assert.True(merged.IsReproducible);
        Assert.True(merged.Rows > 60);
    }

    [Fact]
    public void Training_from_a_store_gives_the_bytes_of_plain_training_and_decodes_only_for_the_evaluation()
    {
        byte[] plain = Train(Training, "plain", []);
        Extract(Store, Shard.Whole);
        Merge(Store);
        List<TrainingEvent> events = [];

        byte[] stored = Train(Training with { FeaturesFrom = Store }, "stored", events);

        Assert.Equal(plain, stored);
        Assert.DoesNotContain(events, value => value is Progressed { Phase: "extract" });
        Assert.DoesNotContain(events, value => value is Notice notice && IsAboutMissing(notice));
    }

    [Fact]
    public void A_shard_that_is_there_is_checked_and_not_made_again()
    {
        ShardResult first = Extract(Store, Shard.Whole);
        ShardResult second = Extract(Store, Shard.Whole);

        Assert.Equal((Units, Units, 0), (first.Units, first.Made, second.Made));
    }

    [Fact]
    public void A_torn_unit_is_named_by_the_merge_and_made_again_by_its_shard()
    {
        Extract(Store, Shard.Whole);
        string sound = Merge(Store).Sha256;
        string file = FileOf("rows-000003");
        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);

        StoreException torn = Assert.Throws<StoreException>(() => Merge(Store));
        ShardResult again = Extract(Store, Shard.Whole);

        Assert.Contains("the unit rows-000003 is torn", torn.Message, StringComparison.Ordinal);
        Assert.False(torn.IsPassing);
        Assert.Equal((1, sound), (again.Made, Merge(Store).Sha256));
    }

    [Fact]
    public void A_missing_unit_is_named()
    {
        Extract(Store, new(0, 2));

        StoreException missing = Assert.Throws<StoreException>(() => Merge(Store));

        Assert.Contains("the unit rows-000001 is missing (images 9 to 16)", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_of_another_store_is_named()
    {
        Extract(Store, Shard.Whole);
        string other = _world.Run("other");
        Extract(other, Shard.Whole, Training with { Seed = 2 });
        foreach (string file in Directory.GetFiles(Path.Combine(other, "units"), "rows-000002*"))
        {
            File.Copy(file, Path.Combine(Store, "units", Path.GetFileName(file)), overwrite: true);
        }

        StoreException foreign = Assert.Throws<StoreException>(() => Merge(Store));

        Assert.Contains("the unit rows-000002 is foreign", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_that_the_store_does_not_have_is_named()
    {
        Extract(Store, Shard.Whole);
        File.Copy(Path.Combine(Store, "units", "rows-000002.json"), Path.Combine(Store, "units", "rows-000099.json"));

        StoreException foreign = Assert.Throws<StoreException>(() => Merge(Store));

        Assert.Contains("the unit rows-000099 is foreign", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_options_and_other_images_are_refused()
    {
        Extract(Store, Shard.Whole);

        StoreException options = Assert.Throws<StoreException>(() =>
            Extract(Store, Shard.Whole, Training with { Views = 2 })
        );
        File.Delete(Path.Combine(_world.Images, "rings", "00.png"));
        StoreException images = Assert.Throws<StoreException>(() => Extract(Store, Shard.Whole));

        Assert.Contains("shards of other options", options.Message, StringComparison.Ordinal);
        Assert.Contains("shards of other images", images.Message, StringComparison.Ordinal);
        Assert.False(options.IsPassing || images.IsPassing);
    }

    [Fact]
    public void A_training_that_needs_other_rows_is_refused()
    {
        Extract(Store, Shard.Whole);
        Merge(Store);
        TrainingOptions other = Training with { FeaturesFrom = Store, ActivationPrecision = ActivationPrecision.Int8 };

        StoreException error = Assert.Throws<StoreException>(() => Train(other, "run", []));

        Assert.Contains("extracted with another body or other options", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_the_store_lacks_are_computed_and_damaged_rows_change_nothing()
    {
        byte[] plain = Train(Training, "plain", []);
        Extract(Store, Shard.Whole);
        Damage(Merge(Store).File);

        byte[] stored = Train(Training with { FeaturesFrom = Store }, "stored", []);

        Assert.Equal(plain, stored);
    }

    [Fact]
    public void Units_of_other_instruction_sets_need_a_permission_and_the_card_tells_of_them()
    {
        Extract(Store, Shard.Whole);
        string manifest = Path.Combine(Store, "units", "rows-000001.json");
        string text = File.ReadAllText(manifest);
        File.WriteAllText(
            manifest,
            text.Replace("\"machine\": \"", "\"machine\": \"another ", StringComparison.Ordinal)
        );
        TrainingOptions stored = Training with { FeaturesFrom = Store };

        StoreException merge = Assert.Throws<StoreException>(() => Merge(Store));
        MergedFeatures merged = Merge(Store, mixedMachines: true);
        StoreException training = Assert.Throws<StoreException>(() => Train(stored, "refused", []));
        byte[] model = Train(stored with { MixedMachines = true }, "mixed", []);

        Assert.Contains("another ", merge.Message, StringComparison.Ordinal);
        Assert.Contains("allow mixed machines", training.Message, StringComparison.Ordinal);
        Assert.False(merged.IsReproducible);
        Assert.False(CardOf("mixed").IsReproducible);
        Assert.NotEmpty(model);
    }

    [Fact]
    public void A_run_from_a_store_resumes_to_the_same_bytes()
    {
        Extract(Store, Shard.Whole);
        Merge(Store);
        byte[] whole = Train(Training with { FeaturesFrom = Store }, "whole", []);
        using CancellationTokenSource stop = new();
        IProgress<TrainingEvent> progress = TrainingProgress.Of(value =>
        {
            if (value is PhaseStarted { Phase: "fine-tune" })
            {
                stop.Cancel();
            }
        });
        string run = _world.Run("stopped");
        Trainer.Train(_world.Images, run, Training with { FeaturesFrom = Store }, progress, stop.Token);

        Trainer.Resume(run, cancel: TestContext.Current.CancellationToken);

        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(run, "model.onnx")));
    }

    public void Dispose() => _world.Dispose();

    private static bool IsAboutMissing(Notice notice) => notice.Text.Contains("lack rows", StringComparison.Ordinal);

    private static MergedFeatures Merge(string store, bool mixedMachines = false) =>
        FeatureShards.Merge(store, mixedMachines, cancel: TestContext.Current.CancellationToken);

    private ShardResult Extract(string store, Shard shard, TrainingOptions? training = null) =>
        FeatureShards.Extract(
            _world.Images,
            store,
            new()
            {
                Training = training ?? Training,
                Shard = shard,
                UnitImages = 8,
            },
            cancel: TestContext.Current.CancellationToken
        );

    private byte[] Train(TrainingOptions options, string run, List<TrainingEvent> events)
    {
        Trainer.Train(
            _world.Images,
            _world.Run(run),
            options,
            TrainingProgress.Of(events.Add),
            TestContext.Current.CancellationToken
        );
        return File.ReadAllBytes(Path.Combine(_world.Run(run), "model.onnx"));
    }

    private ModelCard CardOf(string run)
    {
        using Predictor predictor = Predictor.Load(Path.Combine(_world.Run(run), "model.onnx"));
        return predictor.Card;
    }

    private string FileOf(string unit) => Directory.GetFiles(Path.Combine(Store, "units"), unit + ".*.db").Single();

    private static void Damage(string file)
    {
        using SqliteConnection connection = new($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE contents SET value = zeroblob(length(value)) WHERE id % 3 = 0";
        command.ExecuteNonQuery();
    }
}
