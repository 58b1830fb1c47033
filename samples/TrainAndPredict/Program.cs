// Train a classifier on a folder of labelled images, then classify one picture.
// Usage: TrainAndPredict IMAGES RUN_FOLDER PICTURE
using Graft.Prediction;
using Graft.Training;

TrainingResult result = Trainer.Train(args[0], args[1]);
Console.WriteLine($"{result.Evaluation.Accuracy:P1} ({result.Evaluation.AccuracyInterval}), {result.ModelPath}");

using Predictor predictor = Predictor.Load(result.ModelPath);
ImagePrediction answer = predictor.Predict(args[2]);
Console.WriteLine($"{answer.Label} {answer.Probability:P0}{(answer.IsSure ? "" : " (unsure)")}");
