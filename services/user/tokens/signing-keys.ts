import { readFile } from "node:fs/promises";
import { exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import * as z from "zod";

/** The keys of access tokens. */
export interface SigningKeys {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** The public part of every key in the file. */
  readonly publicKeys: { readonly keys: readonly JWK[] };
}

/**
 * The file of signing keys: private RSA JWKs, of which the first with `"use_for": "sign"` signs. All are published, so
 * a key is rotated in three steps: add it, wait until no cache holds the old list, move the mark.
 */
interface SigningKeyFile {
  readonly keys: readonly (JWK & { readonly use_for?: "sign" })[];
}

const signMark = "sign";
const part = z.string().regex(/^[\w-]+$/);
const keyFile = z.object({
  keys: z
    .array(
      z.looseObject({
        kty: z.literal("RSA"),
        kid: z.string().min(1),
        n: part,
        e: part,
        d: part,
        use_for: z.literal(signMark).optional(),
      }),
    )
    .min(1)
    .max(10),
});

/** Creates a file with one new key, marked to sign. */
export async function createSigningKeys(): Promise<SigningKeyFile> {
  const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  return { keys: [{ ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), use_for: signMark }] };
}

/** Reads a file of signing keys; throws where none is marked to sign. */
export async function readSigningKeys(file: string): Promise<SigningKeys> {
  const { keys } = keyFile.parse(JSON.parse(await readFile(file, "utf8")));
  const signing = keys.find(key => key.use_for === signMark);
  if (signing === undefined) {
    throw new Error(`${file}: no key is marked with "use_for": "${signMark}"`);
  }
  const { use_for: _mark, ...privateJwk } = signing;
  return {
    kid: signing.kid,
    privateKey: (await importJWK({ ...privateJwk, alg: "RS256" }, "RS256")) as CryptoKey,
    publicKeys: { keys: keys.map(({ kty, kid, n, e }) => ({ kty, kid, n, e, alg: "RS256", use: "sig" })) },
  };
}
