import { createExample } from "./example.js";

const find = id => document.querySelector(`#${id}`);
const apiUrl = document.querySelector('meta[name="api-url"]')?.content ?? "";
const accessNames = { public: "누구나", user: "로그인 필요", admin: "관리자" };
let selected;

const api = await fetch("/openapi.json").then(response => response.json());
for (const tag of api.tags) {
  find("methods").append(...createGroup(tag));
}
find("send").addEventListener("click", send);

function createGroup(tag) {
  const heading = create("strong", tag.name.replace("questioncloud.", ""));
  heading.title = tag.description;
  const buttons = Object.entries(api.paths)
    .filter(([, item]) => item.post.tags.includes(tag.name))
    .map(([path, item]) => createButton(path, item.post));
  return [heading, ...buttons];
}

function createButton(path, operation) {
  const button = create("button", path.slice(path.lastIndexOf("/") + 1));
  button.type = "button";
  button.addEventListener("click", () => {
    document.querySelector('nav [aria-current="true"]')?.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    select(path, operation);
  });
  return button;
}

function select(path, operation) {
  selected = path;
  const schema = operation.requestBody.content["application/json"].schema;
  find("name").textContent = path;
  find("about").textContent =
    `${operation.description} (${accessNames[operation["x-access"]]}, ${operation["x-rate"]})`;
  find("request").value = JSON.stringify(createExample(schema, api.components.schemas), null, 2);
  find("send").disabled = false;
  find("answer").hidden = true;
  find("status").textContent = "";
  const refusals = Object.entries(operation.responses).filter(([status]) => status !== "200");
  find("refusals").replaceChildren(
    ...refusals.map(([status, { description }]) =>
      create("li", `${status} ${description.replaceAll("`", "")}`),
    ),
  );
}

async function send() {
  const token = find("token").value.trim();
  const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
  if (token) {
    headers.authorization = `Bearer ${token}`;
  }
  find("send").disabled = true;
  const startMs = performance.now();
  try {
    const body = find("request").value;
    const response = await fetch(apiUrl + selected, {
      method: "POST",
      headers,
      body,
      credentials: "include",
    });
    const text = await response.text();
    const requestId = response.headers.get("x-request-id") ?? "";
    const took = `${Math.round(performance.now() - startMs)} ms`;
    show(response.ok, [response.status, took, requestId].join(" · "), pretty(text));
  } catch (error) {
    show(false, "보내지 못했습니다.", String(error));
  } finally {
    find("send").disabled = false;
  }
}

function show(good, status, text) {
  find("status").className = good ? "good" : "bad";
  find("status").textContent = status;
  find("answer").hidden = false;
  find("answer").textContent = text;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function create(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
