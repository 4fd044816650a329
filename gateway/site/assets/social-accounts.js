import { element, report } from "./dom.js";
import { linkToken } from "./forms.js";
import { callAs, findToken } from "./session.js";
import { listProviders, social, startLink, titles } from "./social.js";

const status = document.querySelector("#status");
const list = document.querySelector("#accounts");
const password = document.querySelector("#password");
document.querySelector("#proof").hidden = linkToken !== null;

if (await findToken()) {
  await report(show());
} else {
  location.replace("/login");
}

async function show() {
  const { accounts = [] } = await callAs(`${social}/ListSocialAccounts`, {});
  const linked = new Set(accounts.map(({ provider }) => provider));
  const providers = new Set([...(await listProviders()), ...linked]);
  list.replaceChildren(...Array.from(providers, provider => createRow(provider, linked.has(provider))));
}

function createRow(provider, isLinked) {
  const row = element("tr");
  const action = element("td");
  const button = element("button", isLinked ? "연결 해제" : "연결하기");
  button.addEventListener("click", () => {
    status.textContent = "";
    return report(isLinked ? unlink(provider) : startLink(provider, proof()));
  });
  action.append(button);
  const state = element("td", isLinked ? "연결됨" : "연결되지 않음");
  row.append(element("td", titles[provider]), state, action);
  return row;
}

/** The token of the mail, if that led here, or the password. */
function proof() {
  return linkToken ? { confirmationToken: linkToken } : { password: password.value };
}

async function unlink(provider) {
  await callAs(`${social}/UnlinkSocialAccount`, { provider });
  await show();
}
