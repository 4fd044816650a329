import type { Dialect } from "./openid-provider.ts";
import { verifiedEmail } from "./verified-email.ts";

/** Google: everything is in the ID token. */
export const google: Dialect = {
  scope: "openid email profile",
  hasNonce: true,
  async profileOf({ name, email, email_verified }) {
    const address = email_verified === true && typeof email === "string" ? email : undefined;
    return { name: typeof name === "string" ? name : "", email: verifiedEmail(address) };
  },
};
