/** Shows what the server says of its API. All of it is put in as text, never as markup. */
function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  made.append(...children);
  return made;
}

function shown(path, method, operation) {
  const schema = operation.requestBody?.content["application/json"].schema;
  const details = element("details", "");
  const summary = element("summary", "", element("b", method.toUpperCase()), path);
  details.append(summary, element("p", operation.description));
  if (schema !== undefined) details.append(element("p", "Body:"), element("pre", JSON.stringify(schema, null, 2)));
  details.dataset.words = `${method} ${path} ${operation.description}`.toLowerCase();
  return details;
}

function grouped({ paths }) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      const list = groups.get(tag) ?? [];
      list.push(shown(path, method, operation));
      groups.set(tag, list);
    }
  }
  return [...groups].map(([tag, list]) => element("section", "", element("h2", tag), ...list));
}

function filter(text) {
  for (const section of document.querySelectorAll("section")) {
    let found = false;
    for (const details of section.querySelectorAll("details")) {
      details.hidden = !details.dataset.words.includes(text.toLowerCase());
      found ||= !details.hidden;
    }
    section.hidden = !found;
  }
}

const main = document.querySelector("#operations");
try {
  const response = await fetch("/_quorate/openapi.json");
  const description = await response.json();
  document.querySelector("#about").textContent = description.info.description;
  main.replaceChildren(...grouped(description));
  document.querySelector("#find").addEventListener("input", (event) => filter(event.target.value));
} catch (error) {
  main.textContent = `The description cannot be read: ${error.message}`;
}
