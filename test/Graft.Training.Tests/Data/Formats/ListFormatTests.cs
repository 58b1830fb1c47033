using Graft.Prediction;

namespace Graft.Training.Tests.Data;

/// <summary>
/// Exports of other tools, written as the tools write them. The reader of each names the source of its layout.
/// </summary>
public sealed class ListFormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // huggingface.co/docs/datasets/image_dataset: metadata.csv in each split's folder
    [Fact]
    public void Hugging_Face_metadata_give_labels_and_splits()
    {
        Pictures("train/0001.png", "train/0002.png", "test/0003.png");
        _ = folder.Write("train/metadata.csv", "file_name,label\n0001.png,cat\n0002.png,dog\n");
        _ = folder.Write("test/metadata.csv", "file_name,label\n0003.png,cat\n");

        Loads("test/0003.png = cat (Test)", "train/0001.png = cat (Train)", "train/0002.png = dog (Train)");
    }

    // the same page: metadata.jsonl beside folders of images
    [Fact]
    public void Hugging_Face_lines_name_files_in_folders()
    {
        Pictures("images/a.png", "images/b.png");
        _ = folder.Write(
            "metadata.jsonl",
            """
            {"file_name": "images/a.png", "label": 0, "text": "a cat"}
            {"file_name": "images/b.png", "label": 1, "text": "a dog"}

            """
        );

        Loads("images/a.png = 0", "images/b.png = 1");
    }

    [Fact]
    public void Hugging_Face_metadata_without_a_label_stop_with_the_columns()
    {
        Pictures("a.png");
        _ = folder.Write("metadata.csv", "file_name,text,source\na.png,a cat,web\n");

        Stops("has no column 'label', only 'file_name', 'text', 'source'");
    }

    [Fact]
    public void Captions_beside_class_folders_leave_the_folders_their_meaning()
    {
        Pictures("cat/a.png", "dog/b.png");
        _ = folder.Write("metadata.csv", "file_name,text\ncat/a.png,a cat\ndog/b.png,a dog\n");

        Loads("cat/a.png = cat", "dog/b.png = dog");
    }

    // roboflow.com/formats/multiclass-classification-csv: a space after each comma
    [Fact]
    public void Roboflow_classes_give_the_one_that_is_1()
    {
        Pictures("train/a_jpg.rf.1.png", "train/b_jpg.rf.2.png", "valid/c_jpg.rf.3.png");
        _ = folder.Write("train/_classes.csv", "filename, bolt, nut\na_jpg.rf.1.png, 1, 0\nb_jpg.rf.2.png, 0, 1\n");
        _ = folder.Write("valid/_classes.csv", "filename, bolt, nut\nc_jpg.rf.3.png, 1, 0\n");

        Loads(
            "train/a_jpg.rf.1.png = bolt (Train)",
            "train/b_jpg.rf.2.png = nut (Train)",
            "valid/c_jpg.rf.3.png = bolt (Validation)"
        );
    }

    [Fact]
    public void Roboflow_images_of_two_classes_stop_a_run_of_single_labels()
    {
        Pictures("a.png");
        _ = folder.Write("_classes.csv", "filename, bolt, nut\na.png, 1, 1\n");

        Stops("line 2 of '_classes.csv' gives 'a.png' several classes, 'bolt' and 'nut'");
    }

    // cocodataset.org/#format-data: annotations/ beside the folders of images
    [Fact]
    public void Coco_annotations_of_one_category_an_image_are_labels()
    {
        Pictures("train2017/1.png", "val2017/2.png");
        _ = folder.Write("annotations/instances_train2017.json", Coco("1.png", "[[3,10],[3,11]]"));
        _ = folder.Write("annotations/instances_val2017.json", Coco("2.png", "[[4,10]]"));

        Loads("train2017/1.png = cat (Train)", "val2017/2.png = dog (Validation)");
    }

    // Roboflow's COCO export: _annotations.coco.json in each split's folder
    [Fact]
    public void Coco_annotations_in_an_archive_are_found()
    {
        Dictionary<string, byte[]> files = new()
        {
            ["train/1.png"] = SampleImages.Picture(1),
            ["train/_annotations.coco.json"] = SampleImages.Text(Coco("1.png", "[[4,10]]")),
        };

        ImageSet set = SampleImages.Load(folder.Write("export.zip", SampleImages.Zip(files)));

        Assert.Equal(["train/1.png = dog (Train)"], SampleImages.Describe(set));
    }

    [Fact]
    public void Coco_annotations_of_two_categories_on_an_image_stop_a_run_of_single_labels()
    {
        Pictures("1.png");
        _ = folder.Write("instances.json", Coco("1.png", "[[3,10],[4,11]]"));

        Stops("image 7 of 'instances.json' gives '1.png' several classes, 'cat' and 'dog'");
    }

    [Fact]
    public void An_image_without_annotation_is_left_out_and_counted()
    {
        Pictures("1.png", "2.png");
        _ = folder.Write(
            "instances.json",
            """
            {"images":[{"id":7,"file_name":"1.png"},{"id":8,"file_name":"2.png"}],
             "annotations":[{"id":1,"image_id":7,"category_id":3,"bbox":[0,0,1,1]}],
             "categories":[{"id":3,"name":"cat"}]}
            """
        );

        ImageSet set = Loads("1.png = cat");

        Assert.Contains(set.Warnings, warning => warning.Contains("1 image has no class") && warning.Contains("2.png"));
    }

    // docs.voxel51.com, FiftyOneImageClassificationDataset: names without extension, class numbers
    [Fact]
    public void FiftyOne_labels_are_numbers_of_classes()
    {
        Pictures("data/000001.png", "data/sub/000002.png");
        _ = folder.Write(
            "labels.json",
            """{"classes": ["cat", "dog"], "labels": {"000001": 1, "sub/000002": 0, "000003": null}}"""
        );

        Loads("data/000001.png = dog", "data/sub/000002.png = cat");
    }

    // Caffe's lists; synsets.txt as Datumaro and CVAT write it
    [Fact]
    public void ImageNet_lists_give_parts_and_names()
    {
        Pictures("images/a.png", "images/b c.png", "images/d.png");
        _ = folder.Write("synsets.txt", "n01440764\nn01443537\n");
        _ = folder.Write("train.txt", "a.png 1\n\"b c\".png 0\n");
        _ = folder.Write("val.txt", "d.png 1\n");

        Loads(
            "images/a.png = n01443537 (Train)",
            "images/b c.png = n01440764 (Train)",
            "images/d.png = n01443537 (Validation)"
        );
    }

    [Fact]
    public void Folders_of_classes_say_more_than_numbers_without_names()
    {
        Pictures("cat/1.png", "dog/2.png");
        _ = folder.Write("train.txt", "cat/1.png 0\ndog/2.png 1\n");

        Loads("cat/1.png = cat", "dog/2.png = dog");
    }

    [Fact]
    public void A_list_of_unlabelled_images_stops_with_the_first()
    {
        Pictures("a.png");
        _ = folder.Write("tasks.json", """[{"id": 1, "data": {"image": "a.png"}, "annotations": []}]""");

        Stops("it is a folder with Label Studio's JSON, and none of its 1 images has a class");
    }

    [Fact]
    public void A_class_number_beyond_the_names_stops_with_its_line()
    {
        Pictures("a.png", "b.png");
        _ = folder.Write("classes.txt", "x\ny\n");
        _ = folder.Write("train.txt", "a.png 0\nb.png 2\n");

        Stops("line 2 of 'train.txt' has the class number 2");
    }

    // labelstud.io/guide/task_format, exported as JSON; uploads get a prefix
    [Fact]
    public void Label_Studio_choices_are_labels()
    {
        Pictures("a.png", "b.png", "c.png");
        _ = folder.Write(
            "project-1-at-2024-05-01.json",
            """
            [{"id": 1, "data": {"image": "/data/upload/1/0a1b2c3d-a.png"}, "annotations": [
               {"was_cancelled": true, "result": []},
               {"result": [{"type": "choices", "from_name": "choice", "value": {"choices": ["cat"]}}]}]},
             {"id": 2, "data": {"image": "/data/local-files/?d=photos%2Fb.png"}, "annotations": [
               {"result": [{"type": "choices", "value": {"choices": ["dog"]}}]}]},
             {"id": 3, "data": {"image": "s3://bucket/c.png"}, "annotations": []}]
            """
        );

        ImageSet set = Loads("a.png = cat", "b.png = dog");

        Assert.Contains(set.Warnings, warning => warning.Contains("1 image has no class"));
    }

    [Fact]
    public void Label_Studio_annotators_who_differ_stop_the_run()
    {
        Pictures("a.png");
        _ = folder.Write(
            "tasks.json",
            """
            [{"id": 5, "data": {"image": "a.png"}, "annotations": [
               {"result": [{"type": "choices", "value": {"choices": ["cat"]}}]},
               {"result": [{"type": "choices", "value": {"choices": ["dog"]}}]}]}]
            """
        );

        Stops("the annotations of task 5 of 'tasks.json' differ, 'cat' and 'dog'; keep one");
    }

    // labelstud.io/guide/export, JSON_MIN
    [Fact]
    public void Label_Studio_short_export_is_read()
    {
        Pictures("a.png", "b.png");
        _ = folder.Write(
            "short.json",
            """
            [{"image": "/data/upload/1/0a1b2c3d-a.png", "id": 1, "choice": "cat", "annotator": 1},
             {"image": "/data/upload/1/0a1b2c3d-b.png", "id": 2, "choice": {"choices": ["dog"]}, "annotator": 1}]
            """
        );

        Loads("a.png = cat", "b.png = dog");
    }

    // learn.microsoft.com/azure/machine-learning/reference-automl-images-schema, both schemes
    [Fact]
    public void Azure_lines_find_their_images_by_the_end_of_the_address()
    {
        Pictures("train/a.png", "train/b.png");
        _ = folder.Write(
            "train_annotations.jsonl",
            """
            {"image_url":"azureml://subscriptions/s/workspaces/w/datastores/d/paths/UI/train/a.png","label":"can"}
            {"image_url":"AmlDatastore://image_data/train/b.png","label":"milk_bottle"}

            """
        );

        Loads("train/a.png = can (Train)", "train/b.png = milk_bottle (Train)");
    }

    [Fact]
    public void One_list_alone_finds_the_images_beside_it()
    {
        Pictures("data/1.png", "b.png");
        string labels = folder.Write("labels.json", """{"classes": null, "labels": {"1": "x"}}""");
        string lines = folder.Write("any.jsonl", """{"image_url":"AmlDatastore://b.png","label":"y"}""");

        Assert.Equal(["data/1.png = x"], SampleImages.Describe(SampleImages.Load(labels)));
        Assert.Equal(["b.png = y"], SampleImages.Describe(SampleImages.Load(lines)));
    }

    [Fact]
    public void A_listed_file_that_is_missing_is_rejected_with_its_line()
    {
        Pictures("a.png");
        _ = folder.Write("metadata.csv", "file_name,label\na.png,x\ngone.png,x\n");

        ImageSet set = Loads("a.png = x");

        Assert.Contains("line 3 of 'metadata.csv' names it", Assert.Single(set.Rejected).Reason);
    }

    [Fact]
    public void A_list_in_an_archive_reads_nothing_outside_it()
    {
        Pictures("outside.png");
        Dictionary<string, byte[]> files = new()
        {
            ["a.png"] = SampleImages.Picture(1),
            ["metadata.csv"] = SampleImages.Text(
                $"file_name,label\na.png,x\n{folder.Root}/outside.png,x\n../outside.png,x\n"
            ),
        };

        ImageSet set = SampleImages.Load(folder.Write("a.zip", SampleImages.Zip(files)));

        Assert.Equal(["a.png = x"], SampleImages.Describe(set));
        Assert.Equal(2, set.Rejected.Length);
    }

    [Fact]
    public void Other_texts_and_JSON_files_beside_class_folders_mean_nothing()
    {
        Pictures("cat/1.png", "dog/2.png");
        _ = folder.Write("notes.txt", [0x47, 0x72, 0xFC, 0x6E, 0x20, 0x31]); // Windows-1252
        _ = folder.Write("config.json", "{ not JSON");
        _ = folder.Write("cat/1.json", """{"label": "dog"}""");
        _ = folder.Write("dog/2.json", """{"label": "cat"}""");

        Loads("cat/1.png = cat", "dog/2.png = dog");
    }

    private void Pictures(params string[] names)
    {
        foreach ((int index, string name) in names.Index())
        {
            _ = folder.Write(name, SampleImages.Picture(index + 1));
        }
    }

    private ImageSet Loads(params string[] expected)
    {
        ImageSet set = SampleImages.Load(folder.Root);
        Assert.Equal(expected, SampleImages.Describe(set));
        return set;
    }

    private void Stops(string reason)
    {
        ImageSetOptions single = new() { Task = ClassificationTask.SingleLabel };
        GraftException stop = Assert.Throws<GraftException>(() => Sets.Load(folder.Root, single));
        Assert.Contains(reason, stop.Message);
    }

    // annotations as pairs of category and id, all of image 7
    private static string Coco(string file, string annotations)
    {
        IEnumerable<string> written = System
            .Text.Json.Nodes.JsonNode.Parse(annotations)!
            .AsArray()
            .Select(pair =>
                $$"""{"id":{{pair![1]}},"image_id":7,"category_id":{{pair[0]}},"bbox":[0,0,1,1],"area":1,"iscrowd":0}"""
            );
        return $$"""
            {"info":{"year":2017},"licenses":[],
             "images":[{"id":7,"file_name":"{{file}}","width":1,"height":1}],
             "annotations":[{{string.Join(',', written)}}],
             "categories":[{"id":3,"name":"cat","supercategory":"animal"},
               {"id":4,"name":"dog","supercategory":"animal"}]}
            """;
    }
}
