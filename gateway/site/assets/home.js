import { read } from "./api.js";

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

function createRow({ title, subject, level, pricePoints, promotion }) {
  const points = Number(promotion?.salePricePoints ?? pricePoints ?? 0);
  const row = document.createElement("tr");
  row.append(
    element("td", title),
    element("td", subjects[subject] ?? ""),
    element("td", String(level ?? "")),
    element("td", `${points.toLocaleString("ko-KR")} P`),
  );
  return row;
}

function element(name, text) {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}

async function report(work) {
  try {
    await work;
  } catch (error) {
    status.className = "bad";
    status.textContent = error.message;
  }
}
