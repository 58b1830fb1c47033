// The classic experiment with your own settings: a random hidden head, trained with the body frozen, then the last
// tenth of the body with a small rate.
// Usage: FineTuningSettings IMAGES RUN_FOLDER
using Graft.Training;

TrainingOptions options = new()
{
    Body = BodySource.Named("efficientnet_lite0") with { InputSize = 224 },
    Views = 2,
    Head = new()
    {
        Hidden = [64],
        Dropout = 0.3,
        Start = HeadStart.Random,
    },
    HeadTraining = new()
    {
        Optimizer = OptimizerKind.RmsProp,
        Rate = 1e-3,
        Epochs = 4,
    },
    FineTune = new()
    {
        Train = TrainedPart.LastShare(0.1),
        BodyRate = 1e-3,
        Epochs = 4,
    },
    TargetAccuracy = 0.99,
    Budget = TimeSpan.FromMinutes(30),
    Seed = 7,
};

TrainingResult result = Trainer.Train(args[0], args[1], options);
Console.WriteLine($"shipped: {result.Evaluation.Shipped}, {result.Evaluation.Accuracy:P1}");
Console.WriteLine($"stopped: {result.Evaluation.Stopped}");
