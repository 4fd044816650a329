import { json } from "./http.ts";
import type { Consent, LocalUrl, Provider } from "./provider.ts";

const refusals = {
  wrongClient: [401, "invalid_client", "The provided client secret is invalid."],
  wrongCode: [400, "invalid_grant", "Bad Request"],
  wrongRedirect: [400, "redirect_uri_mismatch", "Bad Request"],
  wrongVerifier: [400, "invalid_grant", "Invalid code verifier."],
  wrongRequest: [400, "invalid_request", "Missing required parameter."],
} as const;

/** Google's OpenID Connect. */
export function createGoogle(local: LocalUrl): Provider {
  const issuer = local("https://accounts.google.com");
  const userInfo = local("https://openidconnect.googleapis.com/v1/userinfo");
  return {
    name: "google",
    title: "Google",
    issuer,
    metadata: {
      issuer,
      authorization_endpoint: local("https://accounts.google.com/o/oauth2/v2/auth"),
      token_endpoint: local("https://oauth2.googleapis.com/token"),
      userinfo_endpoint: userInfo,
      jwks_uri: local("https://www.googleapis.com/oauth2/v3/certs"),
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid", "email", "profile"],
      token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
      code_challenge_methods_supported: ["plain", "S256"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      authorization_response_iss_parameter_supported: true,
    },
    hasNonce: true,
    callbackParams: { iss: issuer },
    idTokenClaims: consent => ({ azp: consent.clientId, ...claimsOf(consent) }),
    tokenAnswer: ({ accessToken, idToken, scopes }) => ({
      access_token: accessToken,
      expires_in: 3599,
      scope: scopes.join(" "),
      token_type: "Bearer",
      id_token: idToken,
    }),
    refuseToken(reason) {
      const [status, error, description] = refusals[reason];
      return json({ error, error_description: description }, status);
    },
    profiles: { [userInfo]: consent => ({ sub: consent.person.subject, ...claimsOf(consent) }) },
    refuseProfile: () => json({ error: "invalid_request", error_description: "Invalid Credentials" }, 401),
    refusalText: undefined,
  };
}

function claimsOf({ person, scopes }: Consent) {
  const { name, email, isEmailVerified } = person;
  return {
    ...(scopes.includes("email") && email !== undefined && { email, email_verified: isEmailVerified }),
    ...(scopes.includes("profile") && { name, given_name: name }),
  };
}
