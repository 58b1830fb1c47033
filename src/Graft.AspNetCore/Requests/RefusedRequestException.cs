namespace Graft.AspNetCore;

/// <summary>A request that gets an error as its answer.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="reason">Name of the reason in the metrics.</param>
/// <param name="message">One sentence for the caller.</param>
internal sealed class RefusedRequestException(int status, string reason, string message) : Exception(message)
{
    /// <summary>HTTP status, 400 to 599.</summary>
    public int Status { get; } = status;

    /// <summary>Name of the reason in the metrics.</summary>
    public string MetricReason { get; } = reason;

    /// <summary>The refusal of a request whose only image cannot be used.</summary>
    /// <param name="reason">Why it cannot be used.</param>
    public static RefusedRequestException Image(string reason) =>
        new(422, "image", $"The image cannot be used: {reason}.");
}
