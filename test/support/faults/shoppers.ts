import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { signAccessToken } from "../rpc/forged-tokens.ts";

const tokenSeconds = 7200;

/** A user who charges points and buys questions. */
export interface Shopper {
  readonly userId: bigint;
  readonly pay: Client<typeof PaymentService>;
  readonly points: Client<typeof PointService>;
  readonly coupons: Client<typeof CouponService>;
  /** A client of another proto service. */
  client<S extends DescService>(service: S): Client<S>;
}

/** Users who are in the database without a sign-up, which costs too much for hundreds of them. */
export async function createShoppers(stack: Stack, count: number): Promise<Shopper[]> {
  const run = crypto.randomUUID();
  const sql = await connectAdmin(stack.mariadb.url);
  try {
    const rows = Array.from({ length: count }, (_, index) => [
      `shopper-${run}-${index}@example.com`,
      `011${String(index).padStart(8, "0")}`,
    ]);
    await sql.batch(
      "INSERT INTO user.user (email, phone, password_hash, name) VALUES (?, ?, '-', '수험생')",
      rows,
    );
    const users: { user_id: bigint }[] = await sql.query("SELECT user_id FROM user.user WHERE email LIKE ?", [
      `shopper-${run}-%`,
    ]);
    return await Promise.all(users.map(({ user_id }) => createShopper(stack, BigInt(user_id))));
  } finally {
    await sql.end();
  }
}

async function createShopper(stack: Stack, userId: bigint): Promise<Shopper> {
  const as = { token: await signAccessToken(stack, { userId, lifetimeSeconds: tokenSeconds }) };
  return {
    userId,
    pay: createPublicClient(stack, PaymentService, as),
    points: createPublicClient(stack, PointService, as),
    coupons: createPublicClient(stack, CouponService, as),
    client: service => createPublicClient(stack, service, as),
  };
}
