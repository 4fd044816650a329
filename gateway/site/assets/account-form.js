import { call } from "./api.js";

const status = document.querySelector("#status");

/**
 * A token after `#` never leaves the browser; one in the query is accepted as well. Both are removed from the address
 * bar.
 */
const token =
  new URLSearchParams(location.hash.slice(1)).get("token") ??
  new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname);

for (const form of document.querySelectorAll("form[data-method]")) {
  const needsToken = form.closest("[data-needs-token]") !== null;
  const button = form.querySelector("button");
  if (needsToken && !token) {
    button.disabled = true;
    show("bad", "링크가 올바르지 않습니다. 메일의 링크를 다시 눌러 주세요.");
  }
  form.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    const fields = Object.fromEntries(new FormData(form));
    try {
      await call(form.dataset.method, needsToken ? { token, ...fields } : fields);
      form.hidden = true;
      show("good", form.dataset.done);
    } catch (error) {
      const ended = needsToken && error.reason === "NOT_FOUND";
      show(
        "bad",
        ended ? "이미 사용했거나 기한이 지난 링크입니다. 처음부터 다시 요청해 주세요." : error.message,
      );
      button.disabled = ended;
    }
  });
}

function show(kind, text) {
  status.className = kind;
  status.textContent = text;
}
