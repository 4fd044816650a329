import type { Database } from "#kit/data/database.ts";
import { searchTermsOf, searchTextOf } from "#services/question/domain/search-text.ts";

// Words of exams, the frequent first; the others are made of their syllables.
const topics =
  "함수 수열 극한 미분 적분 확률 통계 로그 지수 삼각함수 그래프 최댓값 최솟값 개념 심화 기출 모의고사 수능 평가원 유형 풀이 " +
  "도형 벡터 공간 직선 포물선 타원 쌍곡선 접선 넓이 부피 속도 가속도 급수 순열 조합 이항정리 조건부확률 정규분포 표본평균";
const wordCount = 20_000;

/** Words of known frequency. */
export const samples = {
  /** In some hundred questions of a million, at most in a few of few. */
  rare: "희귀낱말",
  /** In no question. */
  absent: "없는낱말",
  common: "함수",
  /** In about every hundredth question. */
  middling: "접선",
} as const;

/** Questions that differ as those of a large shop do: much of what is frequent, little of what is rare, many ties. */
const shape = {
  subject: "c.subject",
  categoryId: "c.category_id",
  type: "IF(seq % 500 = 0, 1, 2)",
  level: "CASE WHEN seq % 50 = 7 THEN 6 ELSE 1 + seq % 5 END",
  pricePoints: `CASE WHEN seq % 9973 = 0 THEN 500000 ELSE 100 * (1 + FLOOR(POW(${random("price")}, 3) * 100)) END`,
  salesCount: `FLOOR(POW(${random("sales")}, 12) * 5000)`,
  publishTime: "NOW(6) - INTERVAL (seq DIV 4) MINUTE",
  creatorId: `1 + FLOOR(POW(${random("creator")}, 2) * 5000)`,
} as const;

/** A number from 0 to 1, the same for each question in each run. */
function random(name: string): string {
  return `(CRC32(CONCAT(seq, '${name}')) / 4294967296)`;
}

const slots = ["t1", "t2", "t3", "d1", "d2", "d3", "d4", "d5"];

/** Makes the words; the tables of the load are the only ones that read them. */
export async function loadWords(database: Database): Promise<void> {
  await database.execute(
    `CREATE TABLE IF NOT EXISTS load_word (
      word_id INT PRIMARY KEY, word VARCHAR(20), initials VARCHAR(20) COLLATE utf8mb4_bin, title_terms TEXT,
      text_terms TEXT)`,
  );
  const words = wordsOf(topics.split(" "));
  for (let start = 0; start < words.length; start += 1000) {
    const rows = words.slice(start, start + 1000).map((word, index) => {
      const title = { title: word, description: "" };
      const initials = searchTextOf(title).split("\n")[1]?.trim() ?? "";
      const text = searchTermsOf({ title: "", description: word });
      return [start + index, word, initials, searchTermsOf(title).join(" "), text.join(" ")];
    });
    await database.execute(`INSERT INTO load_word VALUES ${rows.map(() => "(?)").join(", ")}`, rows);
  }
}

function wordsOf(frequent: readonly string[]): string[] {
  const syllables = [...new Set(frequent.join(""))];
  const words = [...frequent];
  for (let seed = 1; words.length < wordCount - 1; seed++) {
    const length = 2 + (seed % 3);
    words.push(
      Array.from({ length }, (_, at) => syllables[(seed * (7 + 12 * at) + at * at) % syllables.length]).join(
        "",
      ),
    );
  }
  return [...words, samples.rare];
}

const wordOf = (slot: string) =>
  slot === "d5"
    ? `IF(seq % 9001 = 11, ${wordCount - 1}, FLOOR(POW(${random(slot)}, 3) * ${wordCount - 1}))`
    : `FLOOR(POW(${random(slot)}, 3) * ${wordCount - 1})`;
const joins = slots.map(slot => `JOIN load_word ${slot} ON ${slot}.word_id = ${wordOf(slot)}`).join(" ");
const textOf = (names: readonly string[], column: string) =>
  names.map(name => `${name}.${column}`).join(", ");
const [titleSlots, textSlots] = [slots.slice(0, 3), slots.slice(3)];
const searchText = `CONCAT(' ', CONCAT_WS(' ', ${textOf(slots, "word")}), ' \\n ',
  CONCAT_WS(' ', ${textOf(titleSlots, "initials")}), ' ')`;

/** The rows from `first` to `last` of the questions on sale, as the store lists them. */
export async function loadListings(database: Database, first: number, last: number): Promise<void> {
  const rows: Readonly<Record<string, string>> = {
    question_id: "seq",
    creator_id: shape.creatorId,
    subject: shape.subject,
    category_id: shape.categoryId,
    type: shape.type,
    level: shape.level,
    price_points: shape.pricePoints,
    price_band: `(LENGTH(${shape.pricePoints}) - 3) * 9 + LEFT(${shape.pricePoints}, 1)`,
    sales_count: shape.salesCount,
    rating_tenths: "IF(seq % 3 = 0, 10 + seq % 41, 0)",
    publish_time: shape.publishTime,
    search_text: searchText,
    search_terms: `CONCAT_WS(' ', ${textOf(titleSlots, "title_terms")}, ${textOf(textSlots, "text_terms")})`,
  };
  await insertSelected(database, "listing", rows, { first, last, join: `${categoryJoin} ${joins}` });
}

/** The same questions and their versions. */
export async function loadQuestions(database: Database, first: number, last: number): Promise<void> {
  const content = {
    title: `CONCAT_WS(' ', ${textOf(titleSlots, "word")})`,
    subject: shape.subject,
    category_id: shape.categoryId,
    type: shape.type,
    level: shape.level,
    price_points: shape.pricePoints,
  };
  const range = { first, last, join: `${categoryJoin} ${joins}` };
  await insertSelected(
    database,
    "question",
    {
      question_id: "seq",
      creator_id: shape.creatorId,
      request_id: "LPAD(seq, 36, '0')",
      state: "'PUBLISHED'",
      sales_count: shape.salesCount,
      publish_time: shape.publishTime,
      ...content,
    },
    range,
  );
  const version = { question_id: "seq", version: "1", files: "'[]'", ...content };
  const texts = { description: `CONCAT_WS(' ', ${textOf(textSlots, "word")})`, search_text: searchText };
  await insertSelected(database, "question_version", { ...version, ...texts }, range);
}

// The last two categories have one question in thirty thousand.
const categoryJoin = `JOIN (SELECT category_id, subject, ROW_NUMBER() OVER (ORDER BY category_id) - 1 AS n
    FROM category WHERE parent_category_id <> 0) c
  ON c.n = IF(seq % 29989 = 5, 55 + seq % 2, FLOOR(POW(${random("category")}, 2) * 55))`;

async function insertSelected(
  database: Database,
  table: string,
  columns: Readonly<Record<string, string>>,
  { first, last, join }: { first: number; last: number; join: string },
): Promise<void> {
  await database.transaction(async tx => {
    await tx.execute("SET foreign_key_checks = 0, unique_checks = 0");
    await tx.execute(
      `INSERT INTO ${table} (${Object.keys(columns).join(", ")})
        SELECT STRAIGHT_JOIN ${Object.values(columns).join(", ")} FROM seq_${first}_to_${last} ${join}`,
    );
    await tx.execute("SET foreign_key_checks = 1, unique_checks = 1");
  });
}
