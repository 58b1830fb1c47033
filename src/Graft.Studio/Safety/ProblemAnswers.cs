using Graft.Imaging;
using Graft.Infrastructure;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Graft.Studio;

/// <summary>Answers what cannot be done with problem details (RFC 9457).</summary>
internal sealed class ProblemAnswers : IExceptionHandler
{
    /// <summary>Writes the answer. False for faults of the studio itself, which have no message for people.</summary>
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancel)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499; // nobody reads it
            return true;
        }

        (int status, string? detail) = exception switch
        {
            NotFoundException => (StatusCodes.Status404NotFound, exception.Message),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            ImageException bad => (
                StatusCodes.Status422UnprocessableEntity,
                $"The picture cannot be used: {bad.Reason}"
            ),
            GraftException => (StatusCodes.Status422UnprocessableEntity, exception.Message),
            IOException or UnauthorizedAccessException => (
                StatusCodes.Status422UnprocessableEntity,
                Printable.Text(exception.Message)
            ),
            _ => (0, null),
        };
        if (detail is null)
        {
            return false;
        }

        await Results.Problem(detail, statusCode: status).ExecuteAsync(context).ConfigureAwait(false);
        return true;
    }
}

/// <summary>A request names something that is not there.</summary>
internal sealed class NotFoundException(string message) : Exception(message);
