/** The parameters of ConfirmCharge, which the PSP returns to a buyer who has paid. */
interface PaidOrder {
  readonly chargeId: string;
  readonly paymentKey: string;
  readonly amountPoints: bigint;
  /** The page of the shop to which the buyer is sent back. */
  readonly returnUrl: URL;
}

/** Pays at the payment page as a browser does: opens it, submits its form unchanged, and reads where it is sent. */
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
  const query = returnUrl.searchParams;
  // The PSP has its own names for the parameters; our query parameters map them.
  const read = (field: "chargeId" | "paymentKey" | "amountPoints") => {
    const value = query.get(query.get(`${field}Name`) ?? "");
    if (value === null) {
      throw new Error(`The buyer came back without ${field}: ${returnUrl.search}`);
    }
    return value;
  };
  return {
    chargeId: read("chargeId"),
    paymentKey: read("paymentKey"),
    amountPoints: BigInt(read("amountPoints")),
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
