import * as z from "zod";
import { normalizeEmail } from "#kit/contract/email.ts";

// As the contract takes addresses: a provider's word is checked like a user's.
const emailShape = z.email().max(254);

/** The normal form of an address that a provider has verified; undefined for what is no address. */
export function verifiedEmail(email: string | undefined): string | undefined {
  const parsed = emailShape.safeParse(email === undefined ? undefined : normalizeEmail(email));
  return parsed.success ? parsed.data : undefined;
}
