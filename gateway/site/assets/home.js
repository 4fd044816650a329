import { read } from "./api.js";
import { element, points, report } from "./dom.js";
import { addToGuestCart } from "./guest-cart.js";
import { callAs, findToken } from "./session.js";

const store = "questioncloud.question.v1.StoreService";
const status = document.querySelector("#status");
const more = document.querySelector("#more");
const rows = document.querySelector("#questions");
const subjects = {
  SUBJECT_MATHEMATICS: "수학",
  SUBJECT_PHYSICS: "물리학",
  SUBJECT_CHEMISTRY: "화학",
  SUBJECT_BIOLOGY: "생명과학",
  SUBJECT_EARTH_SCIENCE: "지구과학",
};
let pageToken = "";

more.addEventListener("click", () => report(showQuestions()));
await Promise.all([report(showCategories()), report(showQuestions())]);

async function showCategories() {
  const { subjects: list = [] } = await read(`${store}/ListCategories`, {});
  const items = list.map(({ subject, categories = [] }) =>
    element(
      "li",
      `${subjects[subject] ?? subject}: ${categories.map(category => category.title).join(", ")}`,
    ),
  );
  document.querySelector("#categories").replaceChildren(...items);
}

async function showQuestions() {
  const page = await read(`${store}/ListQuestions`, pageToken ? { pageToken } : {});
  pageToken = page.nextPageToken ?? "";
  more.hidden = !pageToken;
  for (const question of page.questions ?? []) {
    rows.append(createRow(question));
  }
  if (!rows.hasChildNodes()) {
    status.textContent = "판매 중인 문제가 없습니다.";
  }
}

function createRow({ questionId, title, subject, level, pricePoints, promotion }) {
  const row = element("tr");
  const button = element("button", "담기");
  button.type = "button";
  button.addEventListener("click", () => report(addToCart(questionId)));
  const action = element("td");
  action.append(button);
  row.append(
    element("td", title),
    element("td", subjects[subject] ?? ""),
    element("td", String(level ?? "")),
    element("td", points(promotion?.salePricePoints ?? pricePoints)),
    action,
  );
  return row;
}

/** Adds to the cart of the user, or to that of this browser while no user is signed in. */
async function addToCart(questionId) {
  if (await findToken()) {
    await callAs("questioncloud.cart.v1.CartService/AddToCart", { questionId });
  } else {
    addToGuestCart(questionId);
  }
  status.className = "good";
  status.textContent = "장바구니에 담았습니다.";
}
