import { expect } from "chai";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { type Failure, reasonName } from "#kit/contract/failure.ts";
import {
  createServiceTokenSigner,
  createServiceTokenVerifier,
  type ServiceTokenVerifier,
} from "#kit/rpc/tokens/service-token.ts";
import { withClockOff } from "../support/data/wrong-clock.ts";

const maxLifetimeSeconds = 300;

describe("the verification of service tokens", () => {
  let privateKey: CryptoKey;
  let privateJwk: JWK;
  let verify: ServiceTokenVerifier;

  beforeEach(async () => {
    const keys = await generateKeyPair("ES256", { extractable: true });
    privateKey = keys.privateKey;
    privateJwk = await exportJWK(privateKey);
    verify = createServiceTokenVerifier("point", {
      keys: [{ ...(await exportJWK(keys.publicKey)), kid: "pay" }],
    });
  });

  /** A token of pay for point; times are seconds from now. */
  const tokenOf = (iat: number | undefined, exp: number | undefined, claims: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const times = {
      ...(iat === undefined ? {} : { iat: now + iat }),
      ...(exp === undefined ? {} : { exp: now + exp }),
    };
    return new SignJWT({ iss: "questioncloud-services", sub: "pay", aud: "point", ...times, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "pay" })
      .sign(privateKey);
  };
  const outcomeOf = async (token: string | Promise<string>) =>
    verify(await token).then(
      ({ service, userId }) => `${service} for ${userId}`,
      (error: Failure) => (error.reason === undefined ? String(error) : reasonName(error.reason)),
    );

  it("accepts what the signer makes", async () => {
    const sign = await createServiceTokenSigner("pay", privateJwk);
    expect(await outcomeOf(sign("point", 7n))).to.equal("pay for 7");
    expect(await outcomeOf(sign("point", undefined))).to.equal("pay for undefined");
  });

  it("accepts two keys of a service while one replaces the other, and afterwards the new one alone", async () => {
    const { publicKey, privateKey: newKey } = await generateKeyPair("ES256", { extractable: true });
    const { d: _private, ...oldPublic } = privateJwk;
    const old = { ...oldPublic, kid: "pay" };
    const added = { ...(await exportJWK(publicKey)), kid: "pay.2" };
    const signers = [
      await createServiceTokenSigner("pay", { ...privateJwk, kid: "pay" }),
      await createServiceTokenSigner("pay", { ...(await exportJWK(newKey)), kid: "pay.2" }),
    ];
    const outcomes = async (keys: JWK[]) => {
      const verifyBy = createServiceTokenVerifier("point", { keys });
      const tokens = await Promise.all(signers.map(sign => sign("point", 7n)));
      const caught = (error: Failure) => reasonName(error.reason);
      return Promise.all(tokens.map(token => verifyBy(token).then(({ service }) => service, caught)));
    };
    expect(await outcomes([old])).to.deep.equal(["pay", "UNAUTHORIZED_TOKEN"]);
    expect(await outcomes([old, added])).to.deep.equal(["pay", "pay"]);
    expect(await outcomes([added])).to.deep.equal(["UNAUTHORIZED_TOKEN", "pay"]);
  });

  it("accepts a key for no service but its own", async () => {
    const { publicKey, privateKey: key } = await generateKeyPair("ES256", { extractable: true });
    for (const kid of ["pa", "pay2", "payments.1", "point", ""]) {
      verify = createServiceTokenVerifier("point", { keys: [{ ...(await exportJWK(publicKey)), kid }] });
      const token = new SignJWT({ iss: "questioncloud-services", sub: "pay", aud: "point" })
        .setProtectedHeader({ alg: "ES256", kid })
        .setIssuedAt()
        .setExpirationTime("60s")
        .sign(key);
      expect(await outcomeOf(token), kid).to.equal("UNAUTHORIZED_TOKEN");
      const refusal = await createServiceTokenSigner("pay", { ...(await exportJWK(key)), kid }).catch(String);
      expect(refusal).to.include("does not belong to pay");
    }
  });

  it("is given another token once the clock of the caller was set", async () => {
    const sign = await createServiceTokenSigner("pay", privateJwk);
    const token = await sign("point", 7n);
    expect(await sign("point", 7n)).to.equal(token);
    for (const offsetMs of [-300_000, 300_000]) {
      const wrong = await withClockOff(offsetMs, () => sign("point", 7n));
      expect(wrong).not.to.equal(token);
      expect(await sign("point", 7n)).not.to.equal(wrong);
    }
  });

  it("accepts no token that is made for, or has left, more than five minutes", async () => {
    expect(await outcomeOf(tokenOf(0, maxLifetimeSeconds))).to.equal("pay for undefined");
    const years = 3 * 365 * 86_400;
    const refused = [
      [0, maxLifetimeSeconds + 1],
      [0, years],
      [years, years + 60],
      [-years, 60],
      [undefined, 60],
      [0, undefined],
    ] as const;
    for (const [iat, exp] of refused) {
      expect(await outcomeOf(tokenOf(iat, exp)), `${iat} to ${exp}`).to.equal("UNAUTHORIZED_TOKEN");
    }
  });

  it("accepts only a user id that a database could have", async () => {
    const largest = 2n ** 63n - 1n;
    expect(await outcomeOf(tokenOf(0, 60, { uid: `${largest}` }))).to.equal(`pay for ${largest}`);
    const malformed = [
      "",
      "0",
      "-1",
      "+1",
      "007",
      " 7",
      "7 ",
      "0x7",
      "1e3",
      "7.0",
      "seven",
      `${largest + 1n}`,
    ];
    for (const uid of [...malformed, 7, null, {}, ["7"]]) {
      expect(await outcomeOf(tokenOf(0, 60, { uid })), JSON.stringify(uid)).to.equal("UNAUTHORIZED_TOKEN");
    }
  });
});
