import { call } from "./api.js";

const status = document.querySelector("#status");
const form = document.querySelector("#activate");
const button = form.querySelector("button");

/**
 * A token after `#` never leaves the browser; one in the query is accepted as well. Both are removed from the address
 * bar.
 */
const token =
  new URLSearchParams(location.hash.slice(1)).get("token") ??
  new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname);

if (token) {
  button.disabled = false;
} else {
  show("bad", "인증 링크가 올바르지 않습니다. 메일의 링크를 다시 눌러 주세요.");
}

form.addEventListener("submit", async event => {
  event.preventDefault();
  button.disabled = true;
  const password = form.elements.password.value;
  try {
    await call("questioncloud.user.v1.RegistrationService/ActivateUser", { token, password });
    form.hidden = true;
    show("good", "계정이 만들어졌습니다. 이제 로그인할 수 있습니다.");
  } catch (error) {
    const ended = error.reason === "NOT_FOUND";
    show(
      "bad",
      ended
        ? "이미 사용했거나 기한이 지난 링크입니다. 로그인할 수 없다면 다시 가입해 주세요."
        : error.message,
    );
    button.disabled = ended;
  }
});

function show(kind, text) {
  status.className = kind;
  status.textContent = text;
}
