import { element, report } from "./dom.js";
import { mergeGuestCart } from "./guest-cart.js";
import { callAs, findToken, signIn, signOut } from "./session.js";
import { listProviders, startLogin, titles } from "./social.js";

const status = document.querySelector("#status");
const logout = document.querySelector("#logout");
const socialLogins = document.querySelector("#social");
const socialAccounts = document.querySelector("#social-accounts");

logout.addEventListener("click", async () => {
  logout.disabled = true;
  await signOut().catch(() => undefined);
  location.reload();
});

await report(logIn());

async function logIn() {
  if (!(await findToken())) {
    // Without the list there is still the form.
    listProviders().then(showSocialLogins, () => undefined);
    await signIn(document.querySelector("#login"), status);
  }
  // The page of the cart tries again.
  await mergeGuestCart().catch(() => undefined);
  const { profile } = await callAs("questioncloud.user.v1.ProfileService/GetProfile", {});
  status.className = "good";
  status.textContent = `${profile.name}님, 로그인되었습니다.`;
  logout.hidden = false;
  socialLogins.hidden = true;
  socialAccounts.hidden = false;
}

function showSocialLogins(providers) {
  const buttons = providers.map(provider => {
    const button = element("button", `${titles[provider]}로 로그인`);
    button.addEventListener("click", () => report(startLogin(provider)));
    return button;
  });
  socialLogins.replaceChildren(...buttons);
}
