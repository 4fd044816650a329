import { read } from "./api.js";
import { element, points, report } from "./dom.js";
import { guestCart, mergeGuestCart, removeFromGuestCart } from "./guest-cart.js";
import { callAs, findToken } from "./session.js";

const service = "questioncloud.cart.v1.CartService";
const rows = document.querySelector("#lines");
const total = document.querySelector("#total");
const notices = {
  AVAILABILITY_UNAVAILABLE: "판매 중이 아님",
  AVAILABILITY_OWNED: "이미 보유함",
  AVAILABILITY_OWN_QUESTION: "본인이 등록한 문제",
};

await report(show());

async function show() {
  const isSignedIn = Boolean(await findToken());
  if (isSignedIn) {
    await mergeGuestCart();
  }
  const { lines = [], amountPoints = 0 } = isSignedIn ? await readCart() : await readGuestCart();
  const remove = isSignedIn
    ? questionId => callAs(`${service}/RemoveFromCart`, { questionIds: [questionId] })
    : removeFromGuestCart;
  rows.replaceChildren(...lines.map(line => createRow(line, remove)));
  total.textContent = lines.length === 0 ? "장바구니가 비어 있습니다." : `합계 ${points(amountPoints)}`;
}

async function readCart() {
  return (await callAs(`${service}/GetCart`, {})).cart ?? {};
}

/** The lines of a cart that only this browser knows, as the store shows them. */
async function readGuestCart() {
  const lines = await Promise.all(guestCart().toReversed().map(readLine));
  return { lines, amountPoints: lines.reduce((sum, line) => sum + Number(line.offerPricePoints ?? 0), 0) };
}

async function readLine(questionId) {
  try {
    const { question } = await read("questioncloud.question.v1.StoreService/GetQuestion", { questionId });
    return { ...question, offerPricePoints: question.promotion?.salePricePoints ?? question.pricePoints };
  } catch (error) {
    if (error.reason !== "NOT_FOUND") {
      throw error;
    }
    return { questionId, availability: "AVAILABILITY_UNAVAILABLE" };
  }
}

function createRow({ questionId, title, creator, pricePoints, offerPricePoints, availability }, remove) {
  const notice = notices[availability];
  const isReduced = Number(offerPricePoints) < Number(pricePoints);
  const row = element("tr");
  const button = element("button", "삭제");
  button.type = "button";
  button.addEventListener("click", () => report(Promise.resolve(remove(questionId)).then(show)));
  const price = element("td", notice ?? points(offerPricePoints));
  if (!notice && isReduced) {
    price.append(" ", element("del", points(pricePoints)));
  }
  const action = element("td");
  action.append(button);
  row.append(element("td", title || `문제 ${questionId}`), element("td", creator?.name ?? ""), price, action);
  return row;
}
