import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { serviceNames } from "../ops/services.ts";

/** Key files of a local mesh. */
export interface MeshKeys {
  /** The private key file of a service. */
  privateKeyFile(service: string): string;
  /** The file with the public keys of all services. */
  readonly publicKeysFile: string;
}

/** Makes the keys with which the services of a local mesh prove who they are, or finds those made before. */
export async function createMeshKeys(dir: string): Promise<MeshKeys> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const privateKeyFile = (service: string) => join(dir, `${service}.jwk`);
  const publicKeysFile = join(dir, "mesh-public-keys.json");
  const keys: JWK[] = [];
  for (const service of serviceNames) {
    const file = privateKeyFile(service);
    if (!existsSync(file)) {
      const { privateKey } = await generateKeyPair("ES256", { extractable: true });
      writeFileSync(file, JSON.stringify({ ...(await exportJWK(privateKey)), kid: service }), {
        mode: 0o600,
      });
    }
    const { d: _private, ...publicKey } = JSON.parse(readFileSync(file, "utf8")) as JWK;
    keys.push({ ...publicKey, alg: "ES256", use: "sig" });
  }
  writeFileSync(publicKeysFile, JSON.stringify({ keys }));
  return { privateKeyFile, publicKeysFile };
}
