namespace Graft.Training;

/// <summary>A step of the search.</summary>
/// <param name="Rate">Of the body's last layers and the head.</param>
/// <param name="Loss">Mean over the batch, nats, before the step was taken.</param>
/// <param name="SmoothedLoss">The running mean of the losses up to here, nats.</param>
public sealed record RatePoint(double Rate, double Loss, double SmoothedLoss);
