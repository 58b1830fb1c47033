using Microsoft.AspNetCore.Http;

namespace Graft.AspNetCore;

/// <summary>Bounds the time of a request, and answers what goes wrong in it as problem details.</summary>
internal sealed class RequestRunner(EndpointOptions options)
{
    /// <summary>Runs the work of one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="work">The work; its token is cancelled when the time is over or the caller has gone.</param>
    public async Task<IResult> RunAsync(HttpContext context, Func<CancellationToken, Task<IResult>> work)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limited.CancelAfter(options.Timeout);
        try
        {
            return await work(limited.Token).ConfigureAwait(false);
        }
        catch (RefusedRequestException refused)
        {
            return Refused(context, refused.Status, refused.MetricReason, refused.Message);
        }
        catch (QueueFullException)
        {
            return Refused(context, 503, "queue_full", "Too many images are waiting; try again in a second.");
        }
        catch (BadHttpRequestException bad)
        {
            return Refused(context, bad.StatusCode, "bad_request", "The request cannot be read.");
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            string message = $"There was no answer within {options.Timeout.TotalSeconds:0.#} seconds.";
            return Refused(context, 503, "timeout", message);
        }
        // the caller has gone: nobody reads the answer
        catch (Exception error)
            when (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            return Refused(context, 400, "aborted", "The request was broken off.");
        }
    }

    private static IResult Refused(HttpContext context, int status, string reason, string message)
    {
        ServingTelemetry.Refuse(reason);
        if (status == 503)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return Results.Problem(message, statusCode: status);
    }
}
