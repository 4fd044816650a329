import { call, Refusal } from "./api.js";

const auth = "questioncloud.user.v1.AuthService";
const tokenKey = "access_token";
const endKey = "access_token_end";
const marginMs = 20_000;

/** An access token, from this tab or by the refresh cookie. Undefined if no user is signed in. */
export async function findToken() {
  return storedToken() ?? changeSession(async () => storedToken() ?? refresh());
}

/** Calls a method as the user who is signed in; repeats the call with a new token if the token is refused. */
export async function callAs(path, message) {
  const token = await findToken();
  try {
    return await call(path, message, { token });
  } catch (error) {
    if (error.reason !== "UNAUTHORIZED_TOKEN" || !token) {
      throw error;
    }
    forget();
    return call(path, message, { token: await findToken() });
  }
}

/** Shows the form and resolves when a user has signed in with it. */
export function signIn(form, status) {
  form.hidden = false;
  return new Promise(resolve => {
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const { email, password } = Object.fromEntries(new FormData(form));
      const button = form.querySelector("button");
      button.disabled = true;
      status.textContent = "";
      try {
        await startSession(`${auth}/Login`, { email, password });
        form.hidden = true;
        form.reset();
        resolve();
      } catch (error) {
        status.className = "bad";
        status.textContent = error.message;
      } finally {
        button.disabled = false;
      }
    });
  });
}

/** Calls a method that may start a session, and stores its tokens if it does. Returns the answer. */
export function startSession(path, message) {
  return changeSession(async () => {
    const answer = await call(path, { ...message, useCookie: true });
    if (answer.tokens) {
      store(answer);
    }
    return answer;
  });
}

/** Ends the session in this tab and on the server. */
export async function signOut() {
  forget();
  await changeSession(() => call(`${auth}/Logout`, {}));
}

/**
 * Runs what sets the refresh cookie one at a time in all tabs, so that no answer replaces a newer cookie. Without
 * locks, as on a page that did not come over HTTPS, the server's ten seconds of grace have to do.
 */
function changeSession(change) {
  return navigator.locks ? navigator.locks.request("session", change) : change();
}

async function refresh() {
  try {
    return store(await call(`${auth}/RefreshSession`, {}));
  } catch (error) {
    if (!(error instanceof Refusal) || ![401, 403].includes(error.status)) {
      throw error;
    }
    forget();
    return undefined;
  }
}

/** This tab's access token, unless it ends soon. */
function storedToken() {
  const token = sessionStorage.getItem(tokenKey);
  const end = Number(sessionStorage.getItem(endKey));
  return token && end - marginMs > Date.now() ? token : undefined;
}

function store({ tokens }) {
  sessionStorage.setItem(tokenKey, tokens.accessToken);
  sessionStorage.setItem(endKey, String(Date.parse(tokens.accessExpireTime)));
  return tokens.accessToken;
}

function forget() {
  sessionStorage.removeItem(tokenKey);
  sessionStorage.removeItem(endKey);
}
