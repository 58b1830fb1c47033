// The page of one server: sends pictures to its own addresses and shows the answers. No other server is asked.
"use strict";

const byId = (id) => document.getElementById(id);
const status = (text) => { byId("status").textContent = text; };
const percent = (share) => `${(100 * share).toFixed(1)} %`;
let stream = null;

function headers() {
  const key = sessionStorage.getItem("graft-key");
  return key ? { "X-Api-Key": key } : {};
}

async function loadModels() {
  const answer = await fetch("models", { headers: headers() });
  byId("key-line").hidden = answer.status !== 401;
  if (answer.status === 401) {
    status("This server asks for a key.");
    return;
  }
  if (!answer.ok) {
    status(`The server answers with status ${answer.status}.`);
    return;
  }
  byId("model").replaceChildren(...(await answer.json()).map((model) => {
    const address = `models/${encodeURIComponent(model.name)}/versions/${encodeURIComponent(model.version)}/`;
    return new Option(`${model.name}, ${model.labels.length} classes`, address);
  }));
  status("");
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function scores(list, explain) {
  const table = element("table", undefined, "scores");
  for (const { label, probability } of list) {
    const row = table.insertRow();
    const head = element("th");
    head.scope = "row";
    const button = element("button", label, "class");
    button.type = "button";
    button.title = `Show what speaks for ${label}`;
    button.addEventListener("click", () => explain(label));
    head.append(button);
    const meter = element("meter");
    meter.value = probability;
    meter.setAttribute("aria-label", `${label}: ${percent(probability)}`);
    row.append(head);
    row.insertCell().textContent = percent(probability);
    row.insertCell().append(meter);
  }
  return table;
}

// A picture that gives place to what the model looked at, and back.
function frame(picture, address) {
  const box = element("div");
  const image = element("img");
  const caption = element("p", undefined, "caption");
  const back = element("button", "Show the picture");
  back.type = "button";
  const put = (blob, text) => {
    image.src = URL.createObjectURL(blob);
    image.alt = text;
    image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
  };
  const plain = () => {
    put(picture, picture.name || "the picture");
    caption.textContent = "";
    back.hidden = true;
  };
  const explain = async (label) => {
    caption.textContent = "Looking for the places ...";
    try {
      const response = await send(picture, `${address}explain?label=${encodeURIComponent(label)}`, "image/png");
      if (response.ok) {
        put(await response.blob(), `What speaks for ${label}, in warm colours`);
        caption.textContent = `What speaks for ${label}`;
        back.hidden = false;
      } else {
        caption.textContent = (await response.json()).detail || `Status ${response.status}`;
      }
    } catch {
      caption.textContent = "The server cannot be reached.";
    }
  };
  caption.setAttribute("role", "status");
  back.addEventListener("click", plain);
  box.append(image, caption, back);
  plain();
  return { box, explain };
}

function show(picture, answer, address) {
  const item = element("li");
  const { box, explain } = frame(picture, address);
  const text = element("div");
  item.append(box, text);
  if (answer.error) {
    text.append(element("h2", "No answer"), element("p", answer.error, "doubt"));
  } else {
    const named = answer.labels ? answer.labels.join(", ") || "nothing" : answer.label;
    text.append(element("h2", named));
    if (!answer.isSure) text.append(element("p", "The model is unsure.", "doubt"));
    if (!answer.isFamiliar) text.append(element("p", "This is unlike anything it was trained on.", "doubt"));
    text.append(scores(answer.scores, explain), element("p", "Choose a class to see what speaks for it.", "hint"));
  }
  byId("answers").prepend(item);
}

function send(picture, address, accept) {
  const type = picture.type.startsWith("image/") ? picture.type : "application/octet-stream";
  return fetch(address, { method: "POST", headers: { ...headers(), Accept: accept, "Content-Type": type }, body: picture });
}

async function ask(picture, address) {
  const response = await send(picture, `${address}predict`, "application/json");
  const answer = await response.json();
  return response.ok ? answer.predictions[0] : { error: answer.detail || `Status ${response.status}` };
}

async function askAll(pictures) {
  let done = 0;
  for (const picture of pictures) {
    status(`Looking at picture ${++done} of ${pictures.length} ...`);
    const address = byId("model").value;
    try {
      show(picture, await ask(picture, address), address);
    } catch {
      show(picture, { error: "The server cannot be reached." }, address);
    }
  }
  status(pictures.length === 0 ? "There was no picture." : "");
}

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  byId("viewfinder").hidden = true;
}

async function openCamera() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    byId("video").srcObject = stream;
    byId("viewfinder").hidden = false;
  } catch {
    status("The browser gives no camera.");
  }
}

function shoot() {
  const video = byId("video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((picture) => askAll([picture]), "image/jpeg", 0.95);
}

const drop = byId("drop");
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  askAll([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length > 0) askAll([...event.clipboardData.files]);
});
byId("file").addEventListener("change", (event) => { askAll([...event.target.files]); event.target.value = ""; });
byId("camera").addEventListener("click", openCamera);
byId("close-camera").addEventListener("click", closeCamera);
byId("shoot").addEventListener("click", shoot);
byId("use-key").addEventListener("click", () => { sessionStorage.setItem("graft-key", byId("key").value); loadModels(); });
loadModels();
