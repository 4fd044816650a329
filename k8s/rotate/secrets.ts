import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { reasonOf } from "#dev/demo/refusal.ts";
import { logIn } from "#dev/sample/accounts.ts";
import { sampleBuyers, samplePassword } from "#dev/sample/people.ts";
import { secretFiles, storeSecret } from "#dev/stack/servers/secret.ts";
import { ChargePackage, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { methodName } from "#kit/contract/policy.ts";
import { createPageTokens } from "#kit/rpc/tokens/page-tokens.ts";
import { userIdIn } from "#kit/rpc/tokens/token-claims.ts";
import { createOwnerSignatures } from "#services/point/owner-signatures.ts";
import { createDevices } from "#services/user/tokens/device-cookie.ts";
import { hashesIn, hashOf } from "./in-pods.ts";
import { type Installed, ofBoth, type Rotation, type Which, whichOf } from "./rotation.ts";

type Secrets = Readonly<Record<Which, string>>;

const [{ email }] = sampleBuyers;

/** The steps of a list of secrets, of which the first signs and all verify. */
function listSteps(
  { env, stores }: Installed,
  variable: string,
  file: string,
): { secrets: Secrets; steps: Rotation["steps"] } {
  const secrets = { old: env[variable]?.split(",")[0] ?? "", new: randomBytes(32).toString("hex") };
  const put = (which: readonly Which[]) => () => {
    env[variable] = which.map(each => secrets[each]).join(",");
  };
  const use = () => {
    put(["new", "old"])();
    storeSecret(join(stores, file), secrets.new);
  };
  return { secrets, steps: { accept: put(["old", "new"]), use, refuse: put(["new"]) } };
}

/** The secret that signs page tokens. */
export function pageTokenSecret(installed: Installed): Rotation {
  const { api } = installed;
  const { secrets, steps } = listSteps(installed, "PAGE_TOKEN_SECRETS", secretFiles.pageTokens);
  const nextPage = async (pageToken?: string) => {
    const token = await logIn(api, email);
    const points = api.client(PointService, token);
    const { nextPageToken } = await points.listLedgerEntries({
      pageSize: 1,
      ...(pageToken && { pageToken }),
    });
    return { nextPageToken, userId: userIdIn(decodeJwt(token).sub) };
  };
  const signedBy = async (secret: string, userId: bigint, keys: readonly string[]) => {
    const page = { pageSize: 1, pageToken: "" };
    const read = async () => ({ rows: [], nextAfter: [...keys] });
    return (await createPageTokens([secret]).readPage(["ledger-entries", userId], page, read)).nextPageToken;
  };
  const issue = async () => {
    const { nextPageToken, userId } = await nextPage();
    const keys = JSON.parse(Buffer.from(nextPageToken.split(".")[0] ?? "", "base64url").toString());
    const tokens = {
      old: await signedBy(secrets.old, userId, keys),
      new: await signedBy(secrets.new, userId, keys),
    };
    return { issued: nextPageToken, tokens };
  };
  return {
    name: "secret of page tokens",
    steps,
    async accepted() {
      const { tokens } = await issue();
      return ofBoth(async which => [await acceptedUnless(nextPage(tokens[which]), "INVALID_PAGE_TOKEN")]);
    },
    async used() {
      const { issued, tokens } = await issue();
      return [whichOf(which => tokens[which] === issued)];
    },
  };
}

/** The secret that signs the cookies of known devices. */
export function deviceSecret(installed: Installed): Rotation {
  const { stack, api } = installed;
  const { secrets, steps } = listSteps(installed, "USER_DEVICE_SECRETS", secretFiles.devices);
  const devicesOf = (secret: string) => createDevices({ secrets: [secret], secure: false });
  const issue = async (which: Which, userId: bigint) => {
    const context = { requestHeaders: new Headers(), responseHeaders: new Headers() };
    await devicesOf(secrets[which]).remember(context, userId);
    return context.responseHeaders.getSetCookie()[0]?.split("; ")[0] ?? "";
  };
  /** Signs in as a browser does, and returns the cookie that it gets. */
  const signIn = async (cookie: string) => {
    const answer = await fetch(`${stack.gatewayUrl}/${methodName(AuthService.method.login)}`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify({ email, password: samplePassword, useCookie: true }),
    });
    return (
      answer.headers
        .getSetCookie()
        .find(each => each.startsWith("qc_device="))
        ?.split("; ")[0] ?? ""
    );
  };
  const userIdOfBuyer = async () => userIdIn(decodeJwt(await logIn(api, email)).sub);
  return {
    name: "secret of known devices",
    steps,
    // A device that is known keeps its id.
    accepted: () =>
      ofBoth(async which => {
        const cookie = await issue(which, await userIdOfBuyer());
        return [idIn(cookie) === idIn(await signIn(cookie))];
      }),
    async used() {
      const userId = await userIdOfBuyer();
      const requestHeaders = new Headers({ cookie: await signIn("") });
      const known = (which: Which) => devicesOf(secrets[which]).recognize({ requestHeaders }, userId);
      const ids = { old: await known("old"), new: await known("new") };
      return [whichOf(which => ids[which] !== undefined)];
    },
  };
}

function idIn(cookie: string): unknown {
  return decodeJwt(cookie.split("=")[1] ?? "").jti;
}

/** The secret that signs the owner of a payment, for a recovery after a restore. */
export function checkoutSecret(installed: Installed): Rotation {
  const { kubectl, api } = installed;
  const { secrets, steps } = listSteps(installed, "POINT_CHECKOUT_SECRETS", secretFiles.checkout);
  return {
    name: "secret of payments' owners",
    steps,
    async accepted() {
      const hashes = await hashesIn(kubectl, "point", "POINT_CHECKOUT_SECRETS");
      return ofBoth(which => hashes.map(each => each.includes(hashOf(secrets[which]))));
    },
    async used() {
      const token = await logIn(api, email);
      const request = { requestId: randomUUID(), package: ChargePackage.A };
      const { charge, checkout } = await api.client(PointService, token).createCharge(request);
      const { chargeId = "", amountPoints = 0n } = charge ?? {};
      const metadata = new URL(checkout?.url ?? "").searchParams.get("metadata") ?? "{}";
      const { ownerSignature } = JSON.parse(metadata) as { ownerSignature: string };
      const signed = { provider: "toss", chargeId, amountPoints, userId: userIdIn(decodeJwt(token).sub) };
      const isBy = (which: Which) => createOwnerSignatures([secrets[which]]).verify(signed, ownerSignature);
      return [whichOf(isBy)];
    },
  };
}

async function acceptedUnless(call: Promise<unknown>, refusal: string): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (reasonOf(error) !== refusal) {
      throw error;
    }
    return false;
  }
}
