// Trainings share libtorch's threads, and a page under load answers late.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
