// Checks manifests against the schemas of Kubernetes' API: types, required fields, and fields that the API lacks.
// Usage: node check.mjs FILE...   Prints one line a Job, as JSON: its name, completions and container arguments. Ends
// with 1 where a manifest is wrong.
import { readFile } from "node:fs/promises";
import yaml from "js-yaml";
import { Job } from "kubernetes-models/batch/v1";

let failed = false;
for (const file of process.argv.slice(2)) {
  try {
    const documents = yaml.loadAll(await readFile(file, "utf8"));
    for (const job of documents.flatMap(jobsOf)) {
      checkJob(job);
      const [container] = job.spec.template.spec.containers;
      console.log(JSON.stringify({ name: job.metadata.name, completions: job.spec.completions, args: container.args }));
    }
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;

// The Jobs of a document: itself, or those that a JobSet makes. A JobSet's own fields have no schema in npm.
function jobsOf(document) {
  const kind = `${document.apiVersion} ${document.kind}`;
  switch (kind) {
    case "batch/v1 Job":
      return [document];
    case "jobset.x-k8s.io/v1alpha2 JobSet":
      return document.spec.replicatedJobs.map(({ name, template }) => ({
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { ...template.metadata, name },
        spec: template.spec,
      }));
    default:
      throw new Error(`no schema for ${kind}`);
  }
}

// The compiled schemas let unknown fields pass. They read the fields that they know: one that is never read is unknown.
function checkJob(job) {
  const unread = new Set();
  // Not of a new Job, which would read all fields to copy them.
  Job.prototype.validate.call(recorded(job, "", unread));
  if (unread.size > 0) {
    throw new Error(`the API has no field ${[...unread].join(", ")}`);
  }
}

function recorded(value, path, unread) {
  if (value === null || typeof value !== "object") {
    return value;
  }
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = `${path}/${key}`;
    const seen = recorded(inner, innerPath, unread);
    unread.add(innerPath);
    Object.defineProperty(copy, key, {
      enumerable: true,
      get() {
        unread.delete(innerPath);
        return seen;
      },
    });
  }
  return copy;
}
