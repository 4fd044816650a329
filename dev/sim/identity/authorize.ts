import { consentPage, noticePage } from "./consent-page.ts";
import { type Call, type Handler, type Reply, readForm, redirect } from "./http.ts";
import type { People } from "./people.ts";
import type { Client, Consent, Provider } from "./provider.ts";

interface AuthorizeDeps {
  readonly provider: Provider;
  readonly client: Client;
  readonly people: People;
  /** Stores a consent. Returns the code for it. */
  readonly issueCode: (consent: Consent) => string;
}

type Params = Readonly<Record<string, string>>;

const challenge = /^[\w-]{43}$/;

/** The authorization endpoint: a page on which a person agrees or refuses, and the form that it sends. */
export function createAuthorize(deps: AuthorizeDeps): { show: Handler; submit: Handler } {
  return {
    show: call => check(deps, paramsOf(call)) ?? consentPage(deps, paramsOf(call)),
    async submit(call) {
      const form = await readForm(call);
      return check(deps, form) ?? decide(deps, form);
    },
  };
}

function paramsOf({ url }: Call): Params {
  return Object.fromEntries(url.searchParams);
}

/** Undefined for a good request. A wrong client or address is shown; only other faults are reported to the client. */
function check({ provider, client }: AuthorizeDeps, params: Params): Reply | undefined {
  const target = params.redirect_uri ?? "";
  if (params.client_id !== client.clientId) {
    return noticePage(401, `${provider.title}에 등록되지 않은 앱입니다. (invalid_client)`);
  }
  if (!client.redirectUris.includes(target)) {
    return noticePage(400, "등록되지 않은 이동 주소입니다. (redirect_uri_mismatch)");
  }
  const fail = (error: string) => redirect(target, { error, state: params.state });
  if (params.response_type !== "code") {
    return fail("unsupported_response_type");
  }
  if (!scopesOf(params).includes("openid")) {
    return fail("invalid_scope");
  }
  const hasChallenge = params.code_challenge !== undefined;
  const isS256 = params.code_challenge_method === "S256" && challenge.test(params.code_challenge ?? "");
  return hasChallenge && !isS256 ? fail("invalid_request") : undefined;
}

function decide({ provider, people, issueCode }: AuthorizeDeps, form: Params): Reply {
  const target = form.redirect_uri ?? "";
  if (form.action !== "agree") {
    const error = { error: "access_denied", error_description: provider.refusalText };
    return redirect(target, { ...error, state: form.state });
  }
  const person = people.find(provider.name, form.subject ?? "");
  if (person === undefined) {
    return noticePage(404, "계정을 선택해 주세요.");
  }
  const code = issueCode({
    person,
    clientId: form.client_id ?? "",
    redirectUri: target,
    scopes: scopesOf(form),
    nonce: form.nonce,
    codeChallenge: form.code_challenge,
  });
  return redirect(target, { ...provider.callbackParams, code, state: form.state });
}

function scopesOf({ scope = "" }: Params): string[] {
  return scope.split(" ").filter(Boolean);
}
