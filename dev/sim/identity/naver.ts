import { json } from "./http.ts";
import type { LocalUrl, Provider } from "./provider.ts";

const refusals = {
  wrongClient: ["invalid_client", "wrong client id / client secret pair"],
  wrongCode: ["invalid_request", "no valid data in session"],
  wrongRedirect: ["invalid_request", "no valid data in session"],
  wrongVerifier: ["invalid_request", "no valid data in session"],
  wrongRequest: ["invalid_request", "wrong parameter"],
} as const;

/** Naver Login by OpenID Connect. No nonce is documented, and nothing tells whether an address is verified. */
export function createNaver(local: LocalUrl): Provider {
  const issuer = local("https://nid.naver.com");
  const profile = local("https://openapi.naver.com/v1/nid/me");
  return {
    name: "naver",
    title: "네이버",
    issuer,
    metadata: {
      issuer,
      authorization_endpoint: local("https://nid.naver.com/oauth2/authorize"),
      token_endpoint: local("https://nid.naver.com/oauth2/token"),
      jwks_uri: local("https://nid.naver.com/oauth2/jwks"),
      userinfo_endpoint: profile,
      response_types_supported: ["code"],
      scopes_supported: ["openid", "profile"],
      grant_types_supported: ["authorization_code"],
      token_endpoint_auth_methods_supported: ["client_secret_post", "none"],
      code_challenge_methods_supported: ["S256"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
    },
    hasNonce: false,
    needsState: true,
    idTokenClaims: () => ({}),
    tokenAnswer: ({ accessToken, idToken }) => ({
      access_token: accessToken,
      refresh_token: `${accessToken}-refresh`,
      token_type: "bearer",
      expires_in: "3600",
      id_token: idToken,
    }),
    // Naver refuses with status 200.
    refuseToken(reason) {
      const [error, description] = refusals[reason];
      return json({ error, error_description: description });
    },
    profiles: {
      [profile]: ({ person: { subject, name, email } }) => ({
        resultcode: "00",
        message: "success",
        response: { id: subject, nickname: name, name, ...(email !== undefined && { email }) },
      }),
    },
    refuseProfile: () => json({ resultcode: "024", message: "Authentication failed" }, 401),
    refusalText: "Canceled By User",
  };
}
