import { call } from "./api.js";
import { report } from "./dom.js";
import { onSubmit, show, linkToken as token } from "./forms.js";
import { callAs, findToken, signIn } from "./session.js";

const login = document.querySelector("#login");
const send = login ? callAs : call;

for (const form of document.querySelectorAll("form[data-method]")) {
  const needsToken = form.closest("[data-needs-token]") !== null;
  if (needsToken && !token) {
    form.querySelector("button").disabled = true;
    show("bad", "링크가 올바르지 않습니다. 메일의 링크를 다시 눌러 주세요.");
  }
  onSubmit(
    form,
    fields => send(form.dataset.method, needsToken ? { token, ...fields } : fields),
    error => needsToken && error.reason === "NOT_FOUND",
  );
}

if (login && token) {
  await report(requireUser(document.querySelector("[data-needs-token]")));
}

/** Hides the form until a user has signed in. */
async function requireUser(content) {
  content.hidden = true;
  if (!(await findToken())) {
    await signIn(login, document.querySelector("#status"));
  }
  content.hidden = false;
}
