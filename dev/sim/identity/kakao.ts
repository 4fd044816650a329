import { json } from "./http.ts";
import type { Consent, LocalUrl, Provider } from "./provider.ts";

const refusals = {
  wrongClient: [401, "invalid_client", "KOE010", "Bad client credentials"],
  wrongCode: [400, "invalid_grant", "KOE320", "authorization code not found for code="],
  wrongRedirect: [400, "invalid_grant", "KOE303", "Redirect URI mismatch."],
  wrongVerifier: [400, "invalid_grant", "KOE320", "authorization code not found for code="],
  wrongRequest: [400, "invalid_request", "KOE201", "Missing required parameter."],
} as const;

/** Kakao Login. ID tokens have no word about whether the address is verified; only /v2/user/me does. */
export function createKakao(local: LocalUrl): Provider {
  const issuer = local("https://kauth.kakao.com");
  const userInfo = local("https://kapi.kakao.com/v1/oidc/userinfo");
  return {
    name: "kakao",
    title: "카카오",
    issuer,
    metadata: {
      issuer,
      authorization_endpoint: local("https://kauth.kakao.com/oauth/authorize"),
      token_endpoint: local("https://kauth.kakao.com/oauth/token"),
      userinfo_endpoint: userInfo,
      jwks_uri: local("https://kauth.kakao.com/.well-known/jwks.json"),
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      request_uri_parameter_supported: false,
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      claims_supported: [
        "iss",
        "aud",
        "sub",
        "auth_time",
        "exp",
        "iat",
        "nonce",
        "nickname",
        "picture",
        "email",
      ],
    },
    hasNonce: true,
    idTokenClaims: claimsOf,
    tokenAnswer: ({ accessToken, idToken, scopes }) => ({
      token_type: "bearer",
      access_token: accessToken,
      id_token: idToken,
      expires_in: 21_599,
      refresh_token: `${accessToken}-refresh`,
      refresh_token_expires_in: 5_183_999,
      scope: scopes.join(" "),
    }),
    refuseToken(reason, code) {
      const [status, error, errorCode, text] = refusals[reason];
      const description = text.endsWith("=") ? text + code : text;
      return json({ error, error_description: description, error_code: errorCode }, status);
    },
    profiles: {
      [userInfo]: consent => ({ sub: consent.person.subject, ...claimsOf(consent) }),
      [local("https://kapi.kakao.com/v2/user/me")]: accountOf,
    },
    refuseProfile: () => json({ msg: "this access token does not exist", code: -401 }, 401),
    refusalText: "User denied access",
  };
}

function claimsOf({ person, scopes }: Consent) {
  return {
    ...(scopes.includes("profile_nickname") && { nickname: person.name }),
    ...(scopes.includes("account_email") && person.email !== undefined && { email: person.email }),
  };
}

function accountOf({ person, scopes }: Consent) {
  const { name, email, isEmailVerified, subject } = person;
  return {
    id: Number(subject),
    connected_at: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    kakao_account: {
      ...(scopes.includes("profile_nickname") && {
        profile_nickname_needs_agreement: false,
        profile: { nickname: name },
      }),
      ...(scopes.includes("account_email") && {
        has_email: email !== undefined,
        email_needs_agreement: false,
        ...(email !== undefined && { is_email_valid: true, is_email_verified: isEmailVerified, email }),
      }),
    },
  };
}
