using Graft.AspNetCore;

// dotnet run MODEL: answers images over HTTP, and serves a page for trying the model
WebApplicationBuilder builder = WebApplication.CreateBuilder();
builder.Services.AddGraftPredictor(args[0]);
WebApplication app = builder.Build();
app.MapGraft();
app.Run();
