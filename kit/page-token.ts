import { createHmac, timingSafeEqual } from "node:crypto";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/failure.ts";

/** Opaque, signed tokens for keyset pages. A token belongs to one list and one set of arguments. */
export interface PageTokens {
  /** The token for the page after the row with these keys; `list` names the list and everything that shaped it. */
  encode(list: readonly unknown[], keys: readonly string[]): string;
  /** The keys behind a token, or undefined for the first page; throws INVALID_PAGE_TOKEN. */
  decode(list: readonly unknown[], token: string): string[] | undefined;
}

/** Makes page tokens with a secret that all replicas of a service share. */
export function createPageTokens(secret: string): PageTokens {
  const sign = (list: readonly unknown[], payload: string) =>
    createHmac("sha256", secret)
      .update(JSON.stringify(list, bigintToString))
      .update("\0")
      .update(payload)
      .digest()
      .subarray(0, 16);
  return {
    encode(list, keys) {
      const payload = Buffer.from(JSON.stringify(keys)).toString("base64url");
      return `${payload}.${sign(list, payload).toString("base64url")}`;
    },
    decode(list, token) {
      if (token === "") {
        return undefined;
      }
      const [payload = "", signature = ""] = token.split(".", 2);
      const given = Buffer.from(signature, "base64url");
      const expected = sign(list, payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new Failure(Reason.INVALID_PAGE_TOKEN);
      }
      return JSON.parse(Buffer.from(payload, "base64url").toString()) as string[];
    },
  };
}

function bigintToString(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Rows on a page: 20 when not asked for, 100 at most. */
export function pageSizeOf(requested: number): number {
  return requested === 0 ? 20 : Math.min(requested, 100);
}

/** Cuts rows that were read one beyond the page into the page and the token of the next one. */
export function toPage<Row>(
  rows: readonly Row[],
  pageSize: number,
  tokenAfter: (last: Row) => string,
): { rows: Row[]; nextPageToken: string } {
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  return { rows: page, nextPageToken: rows.length > pageSize && last !== undefined ? tokenAfter(last) : "" };
}
