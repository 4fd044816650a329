import type { Queryable } from "#kit/data/database.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { hashSecret } from "../domain/refresh-token.ts";
import type { SocialLogin, SocialProviderName } from "../domain/social.ts";

/** The secrets that a login is found by: one went through the provider, the other stayed in the browser. */
interface Secrets {
  readonly state: string;
  readonly handle: string;
}

/** Stores a login that was started. */
export async function insertSocialLogin(
  to: Queryable,
  { state, handle, lifetimeSeconds, ...login }: SocialLogin & Secrets & { readonly lifetimeSeconds: number },
): Promise<void> {
  await insert(to, "social_login", {
    ...login,
    stateHash: hashSecret(state),
    handleHash: hashSecret(handle),
    expireTime: raw("NOW(6) + INTERVAL ? SECOND", [lifetimeSeconds]),
  });
}

/**
 * Removes a login and returns it, so that it is used once; undefined where it was used, has expired, or was started
 * in another browser or for someone else. In those cases it stays for who started it.
 */
export async function takeSocialLogin(
  from: Queryable,
  { state, handle, provider, userId }: Secrets & { provider: SocialProviderName; userId: bigint | null },
): Promise<SocialLogin | undefined> {
  const [login] = await from.query<SocialLogin>(
    `DELETE FROM social_login WHERE state_hash = ? AND handle_hash = ? AND provider = ? AND user_id <=> ?
       AND expire_time > NOW(6) RETURNING provider, user_id, code_verifier, nonce`,
    [hashSecret(state), hashSecret(handle), provider, userId],
  );
  return login;
}

/** Removes logins that have expired. Returns how many. */
export async function removeExpiredSocialLogins(to: Queryable, limit: number): Promise<number> {
  const { affectedRows } = await to.execute("DELETE FROM social_login WHERE expire_time <= NOW(6) LIMIT ?", [
    limit,
  ]);
  return affectedRows;
}
