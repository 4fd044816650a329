import { report } from "./dom.js";
import { callAs, startSession } from "./session.js";
import { isLink, social, startLogin, titles } from "./social.js";

const status = document.querySelector("#status");
const form = document.querySelector("#sign-up");
const again = document.querySelector("#again");
const provider = `SOCIAL_PROVIDER_${location.pathname.split("/").pop().toUpperCase()}`;
const query = new URLSearchParams(location.search);
// The code works once, and belongs into no history.
history.replaceState(null, "", location.pathname);

document.querySelector("#provider").textContent = titles[provider];
again.addEventListener("click", () => report(startLogin(provider)));
await report(finish());

async function finish() {
  try {
    await (isLink() ? link() : logIn());
  } catch (error) {
    again.hidden = false;
    throw error;
  }
}

async function link() {
  await callAs(`${social}/LinkSocialAccount`, { callback: callback() });
  location.replace("/account/social");
}

async function logIn() {
  const { signUp } = await startSession(`${social}/CompleteSocialLogin`, { callback: callback() });
  if (signUp) {
    showSignUp(signUp);
  } else {
    location.replace("/login");
  }
}

/** The parameters that the contract knows. */
function callback() {
  const names = ["state", "code", "error", "iss"];
  const sent = names.flatMap(name => (query.get(name) ? [[name, query.get(name)]] : []));
  return { provider, ...Object.fromEntries(sent) };
}

function showSignUp({ registerToken, name = "", maskedEmail }) {
  status.textContent = "";
  form.hidden = false;
  form.elements.name.value = name;
  document.querySelector("#email").textContent = maskedEmail;
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    await report(register(registerToken));
    button.disabled = false;
  });
}

async function register(registerToken) {
  const { name, phone } = form.elements;
  await startSession(`${social}/RegisterSocialUser`, {
    registerToken,
    name: name.value.trim(),
    phone: phone.value.replaceAll("-", ""),
  });
  location.replace("/login");
}
