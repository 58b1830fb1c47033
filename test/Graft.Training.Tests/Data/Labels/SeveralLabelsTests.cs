using Graft.Prediction;

namespace Graft.Training.Tests.Data;

/// <summary>Lists and archives whose images have several labels, or none.</summary>
public sealed class SeveralLabelsTests : IDisposable
{
    private static readonly string[] Expected = ["a.png = bolt;nut (Train)", "b.png = ", "c.png = nut (Test)"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("path,labels,split\na.png,nut;bolt,train\nb.png,,\nc.png,nut,test\n")]
    [InlineData("path,labels,split\na.png,bolt | nut,train\nb.png,,\nc.png,nut,test\n")]
    [InlineData("path;split;labels\na.png;train;\"nut;bolt\"\nb.png;;\nc.png;test;nut\n")]
    [InlineData("nut,path,bolt,split\n1,a.png,1,train\n0,b.png,0,\n1,c.png,0,test\n")]
    [InlineData("path,bolt,nut,split,group\na.png,True,1.0,train,\nb.png,False,0.0,,\nc.png,0,1,test,\n")]
    public void A_table_lists_several_labels_or_a_column_for_each_class(string csv)
    {
        ImageSet set = SampleImages.Load(Table(csv));

        Assert.Equal(ClassificationTask.MultiLabel, set.Task);
        Assert.Equal(Expected, SampleImages.Describe(set));
        Assert.Contains("several labels a picture: 1 of 3 images have more than one, 1 have none", set.Notes);
    }

    [Fact]
    public void Groups_are_kept_beside_several_labels() =>
        Assert.Equal(
            ["monday", null, "monday"],
            SampleImages
                .Load(Table("path,labels,group\na.png,nut;bolt,monday\nb.png,,\nc.png,nut,monday\n"))
                .Images.Select(image => image.Group)
        );

    [Theory]
    [InlineData("path,labels\na.png,nut\nb.png,bolt\nc.png,nut\n")]
    [InlineData("path,nut,bolt\na.png,1,0\nb.png,0,1\nc.png,1,0\n")]
    public void A_table_with_one_label_an_image_is_one_of_single_labels(string csv) =>
        Assert.Equal(ClassificationTask.SingleLabel, SampleImages.Load(Table(csv)).Task);

    [Fact]
    public void A_column_without_a_one_is_no_class()
    {
        ImageSet set = SampleImages.Load(Table("path,nut,bolt,gear\na.png,1,0,0\nb.png,0,1,0\nc.png,1,1,0\n"));

        Assert.Equal(["bolt", "nut"], set.Classes);
        Assert.Contains(set.Warnings, warning => warning.Contains("the column 'gear' of") && warning.Contains("no 1"));
    }

    [Theory]
    [InlineData("path,nut,bolt\na.png,1,0\nb.png,2,1\n", "line 3 has '2' in the column 'nut'")]
    [InlineData("path,kind\na.png,x\n", "line 2 has 'x' in the column 'kind'")]
    [InlineData("path;labels\na.png;nut;bolt\n", "line 2 has 3 fields, and the header has 2")]
    [InlineData("path,labels\na.png,nut;bolt\na.png,nut\n", "call 'a.png' both 'bolt;nut' and 'nut'; keep one")]
    [InlineData("path,split\na.png,train\n", "it has no column 'label'")]
    public void A_table_that_cannot_be_understood_is_refused_by_its_line(string csv, string reason)
    {
        string path = Table(csv);

        Assert.Contains(reason, Assert.Throws<GraftException>(() => SampleImages.Load(path)).Message);
    }

    [Fact]
    public void Roboflows_table_may_have_several_ones_and_none()
    {
        Pictures();
        _ = _folder.Write("train/_classes.csv", "filename, bolt, nut\n../a.png, 1, 1\n../b.png, 0, 0\n"u8.ToArray());

        Assert.Equal(["a.png = bolt;nut (Train)", "b.png =  (Train)"], Described());
    }

    [Fact]
    public void Coco_annotations_of_several_categories_are_several_labels()
    {
        Pictures();
        Write(
            "instances.json",
            """
            {"images":[{"id":1,"file_name":"a.png"},{"id":2,"file_name":"b.png"},{"id":3,"file_name":"c.png"}],
             "annotations":[{"image_id":1,"category_id":3},{"image_id":1,"category_id":4},
                            {"image_id":1,"category_id":3},{"image_id":3,"category_id":4}],
             "categories":[{"id":3,"name":"bolt"},{"id":4,"name":"nut"}]}
            """
        );

        Assert.Equal(["a.png = bolt;nut", "b.png = ", "c.png = nut"], Described());
    }

    [Fact]
    public void Label_Studios_choices_of_one_annotator_are_several_labels()
    {
        Pictures();
        Write(
            "tasks.json",
            """
            [{"id": 1, "data": {"image": "a.png"}, "annotations": [
               {"result": [{"type": "choices", "value": {"choices": ["nut", "bolt"]}}]},
               {"result": [{"type": "choices", "value": {"choices": ["bolt", "nut"]}}]}]},
             {"id": 2, "data": {"image": "b.png"}, "annotations": [{"result": []}]},
             {"id": 3, "data": {"image": "c.png"}, "annotations": [
               {"result": [{"type": "choices", "value": {"choices": ["nut"]}}]}]}]
            """
        );

        Assert.Equal(["a.png = bolt;nut", "b.png = ", "c.png = nut"], Described());
    }

    [Fact]
    public void Azures_lists_of_labels_are_several_labels()
    {
        Pictures();
        Write(
            "train.jsonl",
            """
            {"image_url":"AmlDatastore://a.png","label":["nut","bolt"]}
            {"image_url":"AmlDatastore://b.png","label":[]}
            {"image_url":"AmlDatastore://c.png","label":["nut"]}
            """
        );

        Assert.Equal(["a.png = bolt;nut (Train)", "b.png =  (Train)", "c.png = nut (Train)"], Described());
    }

    [Fact]
    public void Hugging_Faces_list_column_is_several_labels()
    {
        Pictures();
        Write(
            "metadata.jsonl",
            """
            {"file_name":"a.png","labels":["nut","bolt"]}
            {"file_name":"b.png","labels":[]}
            {"file_name":"c.png","labels":["nut"]}
            """
        );

        Assert.Equal(["a.png = bolt;nut", "b.png = ", "c.png = nut"], Described());
    }

    [Fact]
    public void An_image_without_a_label_is_kept_in_a_list_where_several_labels_are_asked_for()
    {
        Pictures();
        Write(
            "metadata.jsonl",
            """
            {"file_name":"a.png","labels":["nut"]}
            {"file_name":"b.png","labels":[]}
            {"file_name":"c.png","labels":["bolt"]}
            """
        );

        Assert.Equal(["a.png = nut", "c.png = bolt"], Described());
        Assert.Equal(["a.png = nut", "b.png = ", "c.png = bolt"], Described(ClassificationTask.MultiLabel));
    }

    [Theory]
    [InlineData(ImageSetLayout.Csv)]
    [InlineData(ImageSetLayout.Shards)]
    public void A_converted_set_keeps_its_labels(ImageSetLayout layout)
    {
        ImageSet set = SampleImages.Load(
            Table("path,labels,split\na.png,nut;bolt,train\nb.png,,train\nc.png,nut,test\n")
        );

        string target = Path.Combine(_folder.Root, "converted");
        ImageSetConverter.Convert(set, target, layout, cancel: TestContext.Current.CancellationToken);
        ImageSet read = SampleImages.Load(layout == ImageSetLayout.Csv ? Path.Combine(target, "images.csv") : target);

        Assert.Equal(ClassificationTask.MultiLabel, read.Task);
        Assert.Equal(Content(set), Content(read));

        static IEnumerable<string> Content(ImageSet of) =>
            of.Images.Select(image => $"{image.ContentHash} {image.Label} {image.Part}").Order();
    }

    [Fact]
    public void Several_labels_are_not_written_as_folders()
    {
        ImageSet set = SampleImages.Load(Table("path,labels\na.png,nut;bolt\nb.png,\nc.png,nut\n"));

        GraftException error = Assert.Throws<GraftException>(() =>
            ImageSetConverter.Convert(
                set,
                Path.Combine(_folder.Root, "folders"),
                ImageSetLayout.Folders,
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.Contains("cannot be written as folders: an image may have several labels, or none", error.Message);
    }

    [Fact]
    public void A_split_file_gives_the_labels_and_parts_back()
    {
        ImageSet set = SampleImages.Load(Table("path,labels\na.png,nut;bolt\nb.png,\nc.png,nut\n"));
        ImageSplit split = ImageSplit.Create(set);
        string path = _folder.Write("split.csv", SplitFile.ToBytes(split));

        Assert.StartsWith("path,labels,split\na.png,bolt;nut,", File.ReadAllText(path));
        Assert.Equal(
            split.Images.Select(image => (image.Label, image.Part)),
            SplitFile.Read(path, set).Images.Select(image => (image.Label, image.Part))
        );
    }

    private string[] Described(ClassificationTask? task = null)
    {
        ImageSetOptions options = new()
        {
            LeastClasses = 1,
            LeastImages = 1,
            Task = task,
        };
        return SampleImages.Describe(Sets.Load(_folder.Root, options));
    }

    private string Table(string csv)
    {
        Pictures();
        return Write("images.csv", csv);
    }

    private string Write(string name, string text) => _folder.Write(name, SampleImages.Text(text));

    private void Pictures()
    {
        foreach ((int index, string name) in new[] { "a.png", "b.png", "c.png" }.Index())
        {
            _ = _folder.Write(name, SampleImages.Picture(index + 1));
        }
    }
}
