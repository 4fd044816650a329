import { createHmac, timingSafeEqual } from "node:crypto";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";

/** The fields of every request for a page. */
interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** Opaque, signed tokens for keyset pages. A token belongs to one list and one set of arguments. */
export interface PageTokens {
  /**
   * Reads the page that a request asks for; `list` identifies the list and all arguments that affect it. Throws
   * INVALID_PAGE_TOKEN for a token that is forged or belongs to another list.
   */
  readPage<Row>(
    list: readonly unknown[],
    request: PageRequest,
    read: (cursor: PageCursor) => Promise<Page<Row>>,
  ): Promise<{ rows: Row[]; nextPageToken: string }>;
}

/**
 * Creates page tokens, with secrets that all replicas of a service share: the first signs, any of them verifies, so
 * that one can replace the other.
 */
export function createPageTokens(secrets: readonly [string, ...string[]]): PageTokens {
  const sign = (list: readonly unknown[], payload: string, secret = secrets[0]) =>
    createHmac("sha256", secret)
      .update(JSON.stringify(list, bigintToString))
      .update("\0")
      .update(payload)
      .digest()
      .subarray(0, 16);
  const isSigned = (list: readonly unknown[], payload: string, signature: string) => {
    const given = Buffer.from(signature, "base64url");
    return secrets.some(secret => {
      const expected = sign(list, payload, secret);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  };
  const encode = (list: readonly unknown[], keys: readonly string[]) => {
    const payload = Buffer.from(JSON.stringify(keys)).toString("base64url");
    return `${payload}.${sign(list, payload).toString("base64url")}`;
  };
  const decode = (list: readonly unknown[], token: string) => {
    if (token === "") {
      return undefined;
    }
    const [payload = "", signature = ""] = token.split(".", 2);
    if (!isSigned(list, payload, signature)) {
      throw new Failure(Reason.INVALID_PAGE_TOKEN);
    }
    return JSON.parse(Buffer.from(payload, "base64url").toString()) as string[];
  };
  return {
    async readPage(list, { pageSize, pageToken }, read) {
      const after = decode(list, pageToken);
      const { rows, nextAfter } = await read({ after, limit: pageSizeOf(pageSize) });
      return { rows, nextPageToken: nextAfter === undefined ? "" : encode(list, nextAfter) };
    },
  };
}

function bigintToString(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Rows on a page: 20 by default, 100 at most. */
function pageSizeOf(requested: number): number {
  return requested === 0 ? 20 : Math.min(requested, 100);
}
