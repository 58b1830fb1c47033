using Graft.Prediction;
using Graft.Training;

// dotnet run FOLDER [PICTURE]: the folder holds one subfolder of images a class
TrainingResult result = Trainer.Train(
    args[0],
    Path.Combine("runs", $"{DateTime.Now:yyyy-MM-dd-HHmmss}"),
    new() { Effort = Effort.Normal },
    TrainingProgress.Of(one => Console.Error.WriteLine(one))
);
Console.WriteLine($"{result.Evaluation.Accuracy:P1} on new images: {result.ModelPath}");

if (args.Length > 1)
{
    using Predictor predictor = Predictor.Load(result.ModelPath);
    ImagePrediction answer = predictor.Predict(args[1]);
    Console.WriteLine($"{args[1]}: {answer.Label} {answer.Probability:P0}{(answer.IsSure ? "" : " (unsure)")}");
}
