/** What the payment gateway gives a buyer who has paid. */
export interface PaidOrder {
  readonly paymentKey: string;
  readonly orderId: string;
  readonly amountPoints: bigint;
  /** The page of the shop to which the buyer is sent back. */
  readonly returnUrl: URL;
}

/** Pays at the payment page as a browser does: opens it, submits its form as it stands, and reads the address it is sent to. */
export async function payAtPage(checkoutUrl: string): Promise<PaidOrder> {
  const page = await fetch(checkoutUrl);
  const html = await page.text();
  if (!page.ok) {
    throw new Error(`The payment page answered ${page.status}.`);
  }
  const form = /<form\b[^>]*>/.exec(html)?.[0] ?? "";
  const answer = await fetch(new URL(attribute(form, "action"), checkoutUrl), {
    method: "POST",
    body: new URLSearchParams(fieldsOf(html)),
    redirect: "manual",
  });
  const location = answer.headers.get("location");
  if (answer.status !== 303 || location === null) {
    throw new Error(`The payment page answered ${answer.status} and sent the buyer nowhere.`);
  }
  return readReturn(new URL(location));
}

function readReturn(returnUrl: URL): PaidOrder {
  const read = (name: string) => {
    const value = returnUrl.searchParams.get(name);
    if (value === null) {
      throw new Error(`The buyer came back without ${name}: ${returnUrl.search}`);
    }
    return value;
  };
  return {
    paymentKey: read("paymentKey"),
    orderId: read("orderId"),
    amountPoints: BigInt(read("amount")),
    returnUrl,
  };
}

/** Hidden fields, the chosen one of each group, and the first button. */
function fieldsOf(html: string): [string, string][] {
  const inputs = [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag);
  const sent = inputs.filter(tag => attribute(tag, "type") === "hidden" || /\schecked\b/.test(tag));
  const button = /<button\b[^>]*>/.exec(html)?.[0] ?? "";
  return [...sent, button].map(tag => [attribute(tag, "name"), attribute(tag, "value")]);
}

function attribute(tag: string, name: string): string {
  const text = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}
