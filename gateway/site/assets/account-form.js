import { call } from "./api.js";
import { onSubmit, show, linkToken as token } from "./forms.js";

for (const form of document.querySelectorAll("form[data-method]")) {
  const needsToken = form.closest("[data-needs-token]") !== null;
  if (needsToken && !token) {
    form.querySelector("button").disabled = true;
    show("bad", "링크가 올바르지 않습니다. 메일의 링크를 다시 눌러 주세요.");
  }
  onSubmit(
    form,
    fields => call(form.dataset.method, needsToken ? { token, ...fields } : fields),
    error => needsToken && error.reason === "NOT_FOUND",
  );
}
