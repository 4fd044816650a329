const status = document.querySelector("#status");

/**
 * The token of the link that opened the page. After `#` it never leaves the browser; in the query it is accepted as
 * well. Both are removed from the address bar.
 */
export const linkToken =
  new URLSearchParams(location.hash.slice(1)).get("token") ??
  new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname);

/** Sends a form with `send`, once at a time, and says what became of it. A refusal for good leaves it disabled. */
export function onSubmit(form, send, isOver = () => false) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)));
      form.hidden = true;
      show("good", form.dataset.done);
    } catch (error) {
      const over = isOver(error);
      show(
        "bad",
        over ? "이미 사용했거나 기한이 지난 링크입니다. 처음부터 다시 요청해 주세요." : error.message,
      );
      button.disabled = over;
    }
  });
}

/** Shows a line in the status of the page. */
export function show(kind, text) {
  status.className = kind;
  status.textContent = text;
}
