namespace Graft.Training;

/// <summary>One step of the search for a learning rate.</summary>
/// <param name="Rate">Step size of the head and the body's last layers.</param>
/// <param name="Loss">Mean loss of the batch before the step, in nats.</param>
/// <param name="SmoothedLoss">Running mean of the losses so far, in nats.</param>
public sealed record RatePoint(double Rate, double Loss, double SmoothedLoss);
