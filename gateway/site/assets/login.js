import { mergeGuestCart } from "./guest-cart.js";
import { callAs, findToken, signIn, signOut } from "./session.js";

const status = document.querySelector("#status");
const logout = document.querySelector("#logout");

logout.addEventListener("click", async () => {
  logout.disabled = true;
  await signOut().catch(() => undefined);
  location.reload();
});

try {
  if (!(await findToken())) {
    await signIn(document.querySelector("#login"), status);
  }
  // The page of the cart tries again.
  await mergeGuestCart().catch(() => undefined);
  const { profile } = await callAs("questioncloud.user.v1.ProfileService/GetProfile", {});
  status.className = "good";
  status.textContent = `${profile.name}님, 로그인되었습니다.`;
  logout.hidden = false;
} catch (error) {
  status.className = "bad";
  status.textContent = error.message;
}
