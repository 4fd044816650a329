import { createHmac, timingSafeEqual } from "node:crypto";
import type { Charge } from "./domain/charge-rules.ts";

/** What tells a payment from every other: a signature is good for this one alone. */
type SignedCharge = Pick<Charge, "provider" | "chargeId" | "userId" | "amountPoints">;

/**
 * Signs whose a charge is. The buyer's browser carries that to the PSP, which keeps it with the payment: without a
 * signature a buyer, or who controls the browser, could name another user, and a recovery would believe it.
 */
export interface OwnerSignatures {
  sign(charge: SignedCharge): string;
  verify(charge: SignedCharge, signature: string): boolean;
}

/** The first secret signs, any of them verifies, so that one can replace the other. */
export function createOwnerSignatures(secrets: readonly [string, ...string[]]): OwnerSignatures {
  const signed = ({ provider, chargeId, userId, amountPoints }: SignedCharge) =>
    JSON.stringify(["charge-owner", provider, chargeId, `${userId}`, `${amountPoints}`]);
  const digests = (charge: SignedCharge) =>
    secrets.map(secret => createHmac("sha256", secret).update(signed(charge)).digest());
  return {
    sign: charge => digests(charge)[0]?.toString("base64url") ?? "",
    verify(charge, signature) {
      const given = Buffer.from(signature, "base64url");
      return digests(charge).some(
        expected => given.length === expected.length && timingSafeEqual(given, expected),
      );
    },
  };
}
