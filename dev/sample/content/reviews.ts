/** A review of a question that its writer owns; people by key: `buyer`, that of a student, or that of a creator. */
export interface SampleReview {
  readonly questionKey: string;
  readonly writer: string;
  readonly rate: number;
  readonly comment: string;
  /** The answer of the creator. */
  readonly reply?: string;
  /** Who finds it helpful. */
  readonly helpfulTo?: readonly string[];
}

export const sampleReviews: readonly SampleReview[] = [
  {
    questionKey: "hayun-01",
    writer: "buyer",
    rate: 5,
    comment: "로그만 나오면 얼었는데 이 문항으로 감을 잡았어요. 해설이 한 줄 한 줄 친절합니다.",
    reply: "감사합니다! 다음은 두 로그함수의 그래프 문항을 권해요.",
    helpfulTo: ["minjun", "seoyeon"],
  },
  {
    questionKey: "hayun-01",
    writer: "minjun",
    rate: 4,
    comment: "워밍업으로 딱 좋습니다. 난도는 낮지만 밑 변환에서 실수하기 쉬워요.",
  },
  {
    questionKey: "hayun-01",
    writer: "seoyeon",
    rate: 5,
    comment: "개념 끝내고 바로 풀었습니다. 풀이 공간이 있어서 인쇄해서 쓰기 편해요.",
    helpfulTo: ["yuna"],
  },
  {
    questionKey: "hayun-03",
    writer: "seoyeon",
    rate: 4,
    comment: "대칭축 두 개를 먼저 긋는 습관이 생겼어요. 그래프가 조금만 더 컸으면 합니다.",
    reply: "그래프를 키운 파일로 바꾸었습니다. 의견 고맙습니다.",
  },
  {
    questionKey: "hayun-06",
    writer: "buyer",
    rate: 5,
    comment: "킬러답게 어렵습니다. 표를 만들어 거꾸로 가는 풀이가 깔끔해서 두 번 더 풀었어요.",
    helpfulTo: ["jiho", "minjun", "yuna"],
  },
  {
    questionKey: "hayun-06",
    writer: "jiho",
    rate: 3,
    comment: "문제는 좋은데 해설에서 홀수인 경우를 너무 빨리 넘어가요. 질문 게시판을 보고야 이해했습니다.",
    reply: "지적해 주신 부분을 한 단락으로 풀어 썼습니다. 다시 내려받아 보세요!",
    helpfulTo: ["buyer", "seoyeon"],
  },
  {
    questionKey: "hayun-06",
    writer: "dohyun",
    rate: 5,
    comment: "같은 과목을 쓰는 사람으로서 감탄한 문항입니다. 조건이 군더더기 없이 맞물립니다.",
    helpfulTo: ["hayun"],
  },
  {
    questionKey: "hayun-09",
    writer: "minjun",
    rate: 5,
    comment: "사차함수 개형은 이 한 문항으로 정리됐어요. 30분 고민할 가치가 있습니다.",
  },
  {
    questionKey: "dohyun-05",
    writer: "buyer",
    rate: 4,
    comment: "변곡점에서의 접선을 세는 방법을 제대로 배웠습니다. 계산이 조금 많아요.",
    reply: "계산을 줄이는 길도 해설 끝에 덧붙였습니다.",
  },
  {
    questionKey: "dohyun-05",
    writer: "yuna",
    rate: 5,
    comment: "9월 모의고사 30번이랑 결이 비슷해서 도움이 많이 됐어요.",
    helpfulTo: ["minjun"],
  },
  {
    questionKey: "dohyun-03",
    writer: "yuna",
    rate: 5,
    comment: "기본 극한을 빠르게 확인하기 좋아요. 설명이 짧고 정확합니다.",
  },
  {
    questionKey: "dohyun-09",
    writer: "jiho",
    rate: 4,
    comment: "조건부확률 표 그리기 연습으로 추천합니다.",
  },
  {
    questionKey: "dohyun-09",
    writer: "seoyeon",
    rate: 2,
    comment: "제 수준에는 너무 쉬웠어요. 준킬러라고 해서 샀는데 아쉽습니다.",
    reply: "난이도를 한 단계 낮추었습니다. 솔직한 후기 고맙습니다.",
    helpfulTo: ["jiho"],
  },
  {
    questionKey: "seojun-03",
    writer: "buyer",
    rate: 5,
    comment: "상대 속도 하나로 끝나는 풀이를 보고 소름 돋았어요.",
    helpfulTo: ["jiho"],
  },
  {
    questionKey: "seojun-03",
    writer: "jiho",
    rate: 5,
    comment: "식 두 개로 20분 걸린 문제를 2분 만에 푸는 법을 배웠습니다.",
  },
  {
    questionKey: "seojun-07",
    writer: "minjun",
    rate: 3,
    comment: "상대론은 결국 정의를 외워야 하네요. 해설이 표로 정리되어 있으면 더 좋겠어요.",
  },
  {
    questionKey: "seojun-08",
    writer: "taeo",
    rate: 4,
    comment: "회로도가 교과서와 같은 기호라 학생들에게 권하기 좋습니다.",
  },
  {
    questionKey: "jiwoo-03",
    writer: "seoyeon",
    rate: 5,
    comment: "몰 개념에서 포기하려던 저를 살린 문제입니다. 표 하나로 질량, 부피, 몰이 다 보여요.",
    reply: "포기하지 않아 줘서 고마워요. 다음 단계 문항도 곧 올릴게요!",
    helpfulTo: ["yuna", "jiho"],
  },
  {
    questionKey: "jiwoo-07",
    writer: "yuna",
    rate: 4,
    comment: "한계 반응물 찾는 순서가 몸에 익었어요. 그래프 자료가 실제 시험과 비슷합니다.",
  },
  {
    questionKey: "jiwoo-07",
    writer: "jiho",
    rate: 1,
    comment: "첫 파일은 그래프의 축 이름이 빠져 있어서 풀 수가 없었습니다.",
    reply: "정말 죄송합니다. 축 이름을 넣은 파일로 바로 바꾸었습니다.",
    helpfulTo: ["yuna"],
  },
  {
    questionKey: "yerin-08",
    writer: "yuna",
    rate: 5,
    comment: "가계도는 예린 쌤 표 정리가 최고예요. 세 형질을 한 줄씩 지워 나가는 재미가 있습니다.",
    helpfulTo: ["seoyeon"],
  },
  {
    questionKey: "yerin-08",
    writer: "minjun",
    rate: 4,
    comment: "어렵지만 끝까지 풀면 남는 게 있는 문제. 시간 재고 풀어 보세요.",
  },
  {
    questionKey: "yerin-04",
    writer: "seoyeon",
    rate: 5,
    comment: "막전위 표를 시간으로 바꿔 읽는 방법을 알려 줘서 속이 시원합니다.",
  },
  {
    questionKey: "taeo-05",
    writer: "jiho",
    rate: 4,
    comment: "위험 반원을 외우지 않고 풍향 변화로 찾는 연습이 됩니다.",
  },
  {
    questionKey: "taeo-09",
    writer: "minjun",
    rate: 5,
    comment: "식 현상 그래프와 시선 속도 그래프를 나란히 놓은 자료가 실제 관측 자료 같아요.",
    helpfulTo: ["seoyeon", "jiho"],
  },
];
