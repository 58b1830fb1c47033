using Graft.AspNetCore;

// the model, the address and a key that requests must bring are settings: appsettings.json, or --Model FILE
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddGraftPredictor(builder.Configuration["Model"] ?? "model.onnx");
builder.Services.AddProblemDetails();
builder.Services.AddOpenApi();

WebApplication app = builder.Build();
app.UseExceptionHandler();
app.MapOpenApi("/openapi.json");
// GET / shows a page; POST /predict and POST /explain take images
app.MapGraft(options: new EndpointOptions { ApiKey = app.Configuration["ApiKey"] });
app.Run();
