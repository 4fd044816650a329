import { isDeepStrictEqual } from "node:util";
import {
  countSales,
  findSales,
  forgetSale,
  readSaleIds,
  type Sale,
  type SoldTable,
  salesSums,
} from "#kit/data/sold-table.ts";
import { soldCreators } from "#services/creator/db/sold.ts";
import { findPaidPurchases, readPaidPurchases } from "#services/pay/invariants.ts";
import { soldQuestions } from "#services/question/db/sold.ts";
import type { Counter } from "./counter.ts";

/** A sale never changes, so that it has one version. */
interface PaidSale extends Sale {
  readonly version: bigint;
}

type SoldKey = "questionId" | "creatorId";
type Purchase = Awaited<ReturnType<typeof findPaidPurchases>>[number];

const toPaid = (sale: Sale): PaidSale => ({ ...sale, version: 1n });
const keyOf = ({ saleId }: Sale) => `sale ${saleId}`;
const byKey = (sales: readonly PaidSale[]) => new Map(sales.map(sale => [keyOf(sale), sale] as const));
const idsOf = (sales: readonly Sale[]) => sales.map(({ saleId }) => saleId);

function toSale({ purchaseId, lines }: Purchase, key: SoldKey): PaidSale {
  const sold = Map.groupBy(lines, line => line[key]);
  const copies = new Map([...sold].map(([id, own]) => [id, own.length]));
  return { saleId: purchaseId, copies, version: 1n };
}

function salesCounter(service: string, sold: SoldTable, key: SoldKey): Counter<PaidSale> {
  return {
    source: {
      service: "pay",
      async *pages(database, options) {
        for await (const page of readPaidPurchases(database, options)) {
          yield page.map(purchase => toSale(purchase, key));
        }
      },
      async find(database, sales) {
        const purchases = await findPaidPurchases(database, idsOf(sales));
        return byKey(purchases.map(purchase => toSale(purchase, key)));
      },
    },
    counted: {
      service,
      async *pages(database) {
        for await (const ids of readSaleIds(database, sold)) {
          yield (await findSales(database, sold, ids)).map(toPaid);
        }
      },
      find: async (database, sales) => byKey((await findSales(database, sold, idsOf(sales))).map(toPaid)),
    },
    keyOf,
    isSame: (one, other) => isDeepStrictEqual(one.copies, other.copies),
    async count(tx, sale, replaces) {
      if (replaces !== "older") {
        await forgetSale(tx, sold, sale.saleId);
      }
      return countSales(tx, sold, [sale]);
    },
    forget: (tx, { saleId }) => forgetSale(tx, sold, saleId),
    sums: salesSums(sold),
  };
}

/** The services that count sales. */
export const salesCounters = [
  salesCounter("question", soldQuestions, "questionId"),
  salesCounter("creator", soldCreators, "creatorId"),
];
