// Use your own pretrained ONNX network as the body. Graft finds its last feature map and cuts its classifier off.
// Usage: OwnOnnxNetwork NETWORK.onnx IMAGES RUN_FOLDER
using Graft.Training;

TrainingOptions options = new()
{
    // how the network's training images were prepared; a JSON file can say more
    Body = BodySource.OnnxFile(args[0]) with
    {
        InputTransform = "zero-to-one",
    },
    FineTune = new() { Epochs = 0 }, // feature extraction alone: a linear probe on the network's features
};

TrainingResult result = Trainer.Train(args[1], args[2], options);
Console.WriteLine($"{result.Evaluation.Accuracy:P1}, {result.ModelPath}");
