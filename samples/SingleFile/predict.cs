#!/usr/bin/env dotnet
#:package Graft@*-*

// Names what is on pictures. Usage: dotnet run predict.cs -- MODEL PICTURE...
using Graft.Prediction;

using Predictor predictor = Predictor.Load(args[0]);
foreach (PredictionResult result in predictor.PredictMany(args[1..]))
{
    Console.WriteLine($"{result.Path}: {result.Prediction?.Label ?? result.Failure}");
}
