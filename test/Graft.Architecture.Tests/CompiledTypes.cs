using System.Reflection.Metadata.Ecma335;
using Mono.Cecil;
using Mono.Cecil.Cil;
using BlobReader = System.Reflection.Metadata.BlobReader;
using MetadataReader = System.Reflection.Metadata.MetadataReader;
using MetadataReaderProvider = System.Reflection.Metadata.MetadataReaderProvider;

namespace Graft.Architecture.Tests;

/// <summary>A compiled reference from one type to another, both named by their outermost types.</summary>
internal sealed record TypeReferenceEdge(string From, string To);

/// <summary>The types of some assemblies, the source file of each, and which type refers to which.</summary>
internal sealed class CompiledTypes
{
    // Portable PDB: the documents of a type without method bodies (an enumeration, an interface).
    private static readonly Guid TypeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly Dictionary<string, string> _files = [];
    private readonly HashSet<TypeReferenceEdge> _edges = [];

    private CompiledTypes() { }

    /// <summary>All references between different outermost types of the assemblies.</summary>
    public IReadOnlyCollection<TypeReferenceEdge> Edges => _edges;

    /// <summary>Reads assemblies with their portable PDB files beside them.</summary>
    public static CompiledTypes Read(params IReadOnlyList<string> assemblies)
    {
        CompiledTypes types = new();
        List<ModuleDefinition> modules = [.. assemblies.Select(Open)];
        HashSet<string> own = [.. modules.SelectMany(module => module.Types).Select(type => type.FullName)];
        foreach (ModuleDefinition module in modules)
        {
            types.FindFiles(module);
            foreach (TypeDefinition type in module.Types.SelectMany(WithNested))
            {
                string from = Outermost(type);
                foreach (string to in UsedTypes.Of(type).Select(Outermost))
                {
                    if (to != from && own.Contains(to))
                    {
                        types._edges.Add(new(from, to));
                    }
                }
            }
        }

        foreach (ModuleDefinition module in modules)
        {
            module.Dispose();
        }

        return types;
    }

    /// <summary>The source file of a type relative to the repository; null for generated code.</summary>
    public string? FileOf(string type) =>
        _files.TryGetValue(type, out string? file) && !file.Contains("/obj/", StringComparison.Ordinal) ? file : null;

    private static ModuleDefinition Open(string path)
    {
        DefaultAssemblyResolver resolver = new();
        resolver.AddSearchDirectory(Path.GetDirectoryName(path));
        return ModuleDefinition.ReadModule(path, new() { ReadSymbols = true, AssemblyResolver = resolver });
    }

    private void FindFiles(ModuleDefinition module)
    {
        using FileStream pdb = File.OpenRead(Path.ChangeExtension(module.FileName, ".pdb"));
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(pdb);
        MetadataReader reader = provider.GetMetadataReader();
        foreach (TypeDefinition type in module.Types.SelectMany(WithNested))
        {
            string? url = type.Methods.Where(method => method.HasBody)
                .SelectMany(method => method.DebugInformation.SequencePoints)
                .FirstOrDefault(point => point.Document is not null)
                ?.Document.Url
                ?? DocumentOf(type, reader);
            if (url is not null)
            {
                string relative = Path.GetRelativePath(Repository.Root, url).Replace('\\', '/');
                _files.TryAdd(Outermost(type), relative);
            }
        }
    }

    private static string? DocumentOf(TypeDefinition type, MetadataReader reader)
    {
        BinaryCustomDebugInformation? documents = type
            .CustomDebugInformations.OfType<BinaryCustomDebugInformation>()
            .FirstOrDefault(information => information.Identifier == TypeDocuments);
        if (documents is null)
        {
            return null;
        }

        unsafe
        {
            fixed (byte* data = documents.Data)
            {
                int row = new BlobReader(data, documents.Data.Length).ReadCompressedInteger();
                return reader.GetString(reader.GetDocument(MetadataTokens.DocumentHandle(row)).Name);
            }
        }
    }

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) =>
        type.NestedTypes.SelectMany(WithNested).Prepend(type);

    private static string Outermost(TypeReference type)
    {
        while (type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        return type.FullName;
    }
}
