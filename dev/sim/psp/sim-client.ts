import type { LoggedCall } from "./call-log.ts";
import type { LedgerRow, LedgerTotals } from "./ledger.ts";
import type { Metadata, Method, Payment } from "./payment.ts";
import type { ScriptInput } from "./script.ts";

/** The other side of the PSP, for tests: what buyers, card companies and the PSP's own staff do. */
export function createPspSim(url: string) {
  async function request<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
    const response = await fetch(url + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return JSON.parse(text) as T;
  }
  const post = <T>(path: string, body: object = {}) => request<T>("POST", path, body);

  return {
    /** A buyer who has chosen a method and authenticated; answers the payment key. */
    async authorize(
      orderId: string,
      amount: number,
      method: Method = "card",
      metadata?: Metadata,
    ): Promise<string> {
      const path = `/sim/charges/${orderId}/authorize`;
      return (await post<{ paymentKey: string }>(path, { amount, method, metadata })).paymentKey;
    },
    script: (orderId: string, script: ScriptInput) => post(`/sim/charges/${orderId}/script`, script),
    charge: (orderId: string) =>
      request<{ payments: Payment[]; calls: LoggedCall[] }>("GET", `/sim/charges/${orderId}`),
    ledger: (orderId?: string) =>
      request<{ totals: LedgerTotals; rows: LedgerRow[] }>(
        "GET",
        `/sim/ledger${orderId ? `?orderId=${orderId}` : ""}`,
      ),
    cancel: (paymentKey: string, amount?: number) =>
      post<Payment>(`/sim/payments/${paymentKey}/cancel`, amount === undefined ? {} : { amount }),
    expire: (paymentKey: string) => post<Payment>(`/sim/payments/${paymentKey}/expire`),
    deposit: (paymentKey: string) => post<Payment>(`/sim/payments/${paymentKey}/deposit`),
    resendWebhook: (orderId: string, times = 1) => post("/sim/webhooks/resend", { orderId, times }),
    pendingWebhooks: async () => (await request<{ pending: number }>("GET", "/sim/webhooks")).pending,
  };
}
