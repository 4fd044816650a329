/** A new element with a text. */
export function element(name, text = "") {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}

/** A number of points as people read it. */
export function points(value) {
  return `${Number(value ?? 0).toLocaleString("ko-KR")} P`;
}

/** Waits for work and shows on the page why it failed. */
export async function report(work) {
  try {
    await work;
  } catch (error) {
    const status = document.querySelector("#status");
    status.className = "bad";
    status.textContent = error.message;
  }
}
