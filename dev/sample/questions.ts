import { QuestionType, type Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { dohyunQuestions, hayunQuestions } from "./content/mathematics.ts";
import { jiwooQuestions, seojunQuestions, taeoQuestions, yerinQuestions } from "./content/sciences.ts";
import { sampleCreators } from "./people.ts";
import { createSeededRandom } from "./random.ts";

/** A category by the names on the way to it. */
export interface CategoryPath {
  readonly subject: Subject;
  readonly parent: string;
  readonly child: string;
}

/** A lower price, from now on. */
interface SamplePromotion {
  readonly title: string;
  readonly salePricePoints: bigint;
  readonly lastsDays: number;
}

/** A question to publish. */
export interface SampleQuestion {
  /** Names the question inside the sample data, in ASCII, for example `hayun-03`. */
  readonly key: string;
  readonly creatorKey: string;
  readonly title: string;
  readonly description: string;
  readonly category: CategoryPath;
  readonly type: QuestionType;
  readonly level: number;
  readonly pricePoints: bigint;
  readonly hasExplanation: boolean;
  readonly promotion: SamplePromotion | undefined;
}

const tables: Readonly<Record<string, string>> = {
  hayun: hayunQuestions,
  dohyun: dohyunQuestions,
  seojun: seojunQuestions,
  jiwoo: jiwooQuestions,
  yerin: yerinQuestions,
  taeo: taeoQuestions,
};

const difficulties: Readonly<Record<number, string>> = {
  1: "개념을 막 끝낸 학생이 확인용으로 풀기 좋은 쉬운 2점 문항입니다.",
  2: "개념을 확인하는 2·3점 문항입니다.",
  3: "시험장에서 놓치면 안 되는 비킬러 문항입니다.",
  4: "조건을 하나씩 정리해야 하는 준킬러 문항입니다.",
  5: "풀이 방향을 먼저 정해야 하는 어려운 준킬러 문항입니다.",
  6: "등급을 가르는 킬러 문항입니다. 충분히 고민한 뒤에 답을 확인하세요.",
};

const closings = [
  "A4 한 쪽에 문항과 풀이 공간을 함께 담았습니다.",
  "실전처럼 시간을 재고 풀어 보세요.",
  "출제 의도와 자주 하는 실수를 문항 아래에 적었습니다.",
  "같은 단원의 다른 문항과 이어서 풀면 더 좋습니다.",
] as const;

const promotionTitles = [
  "개강 기념 할인",
  "9월 모의평가 대비 특가",
  "수능 D-100 할인",
  "신규 문항 할인",
] as const;

/** All questions of the sample data; the same seed gives the same questions. */
export function createSampleQuestions(seed: string): SampleQuestion[] {
  return sampleCreators.flatMap(({ key, mainSubject }) =>
    rowsOf(tables[key] ?? "").map((row, index) => createQuestion(seed, key, mainSubject, row, index + 1)),
  );
}

type Row = readonly [parent: string, child: string, level: string, title: string, about: string];

function rowsOf(table: string): Row[] {
  const lines = table.trim().split("\n");
  return lines.map(line => line.split(" | ") as unknown as Row);
}

function createQuestion(
  seed: string,
  creatorKey: string,
  subject: Subject,
  [parent, child, levelText, title, about]: Row,
  number: number,
): SampleQuestion {
  const key = `${creatorKey}-${String(number).padStart(2, "0")}`;
  const random = createSeededRandom(`${seed} ${key}`);
  const level = Number(levelText);
  const pricePoints = BigInt(400 + level * 300 + random.below(6) * 100);
  const hasExplanation = number % 3 === 0;
  return {
    key,
    creatorKey,
    title,
    description: describe(about, level, hasExplanation, random.pick(closings)),
    category: { subject, parent, child },
    type: number === 1 ? QuestionType.PAST : QuestionType.SELF_MADE,
    level,
    pricePoints,
    hasExplanation,
    promotion: number % 4 === 2 ? createPromotion(pricePoints, random) : undefined,
  };
}

function describe(about: string, level: number, hasExplanation: boolean, closing: string): string {
  const explanation = hasExplanation ? ["단계별 풀이를 담은 해설이 함께 있습니다."] : [];
  return [about, difficulties[level], ...explanation, closing].join(" ");
}

function createPromotion(
  pricePoints: bigint,
  random: ReturnType<typeof createSeededRandom>,
): SamplePromotion {
  const percent = BigInt(random.pick([60, 70, 80] as const));
  return {
    title: random.pick(promotionTitles),
    salePricePoints: ((pricePoints * percent) / 10_000n) * 100n,
    lastsDays: 30 + random.below(60),
  };
}
