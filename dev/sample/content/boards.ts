/** A post on the board of a question that the first buyer owns; people by key: `buyer`, or that of a creator. */
export interface SamplePost {
  readonly questionKey: string;
  readonly writer: string;
  readonly title: string;
  readonly body: string;
  /** The name of an image that comes with it. */
  readonly picture?: string;
  /** Writer and text of each comment. */
  readonly comments: readonly (readonly [string, string])[];
}

export const samplePosts: readonly SamplePost[] = [
  {
    questionKey: "hayun-01",
    writer: "hayun",
    title: "[공지] 풀이에 쓰인 로그의 성질 정리",
    body: "밑의 변환 공식을 아직 외우지 못했다면 해설 첫 줄부터 막힐 수 있습니다.\n교과서의 로그의 성질 네 가지를 먼저 적어 보고 푸세요.",
    comments: [["buyer", "정리해 주셔서 감사합니다. 이 순서대로 푸니 2분 안에 풀렸어요."]],
  },
  {
    questionKey: "hayun-01",
    writer: "buyer",
    title: "둘째 줄에서 밑이 왜 9로 바뀌나요?",
    body: "log₃ 5를 log₉ 25로 고쳐 쓴 이유가 궁금합니다. 그대로 두고 계산하면 안 되나요?",
    comments: [
      ["hayun", "그대로 두어도 답은 같습니다. 나머지 두 항의 밑이 9라서 하나로 맞춘 것뿐이에요."],
      ["buyer", "아, 더하려고 맞춘 거군요. 이해했습니다!"],
    ],
  },
  {
    questionKey: "hayun-06",
    writer: "buyer",
    title: "a₅가 홀수인 경우는 왜 버리나요?",
    body: "표를 만들어 a₅까지 거꾸로 갔는데, 해설에서는 홀수인 경우를 한 줄로 지나갑니다.\n제가 놓친 조건이 있을까요?",
    picture: "내 풀이.png",
    comments: [
      [
        "hayun",
        "사진 잘 봤습니다. 셋째 행에서 a₄가 자연수라는 조건을 쓰지 않았네요. 그 조건이면 홀수는 나올 수 없습니다.",
      ],
      ["buyer", "자연수 조건을 빠뜨렸네요. 감사합니다."],
      ["hayun", "이 실수가 많아서 해설에도 한 줄 더 적어 두겠습니다."],
    ],
  },
  {
    questionKey: "hayun-06",
    writer: "buyer",
    title: "시험장에서 몇 분을 쓰면 적당할까요?",
    body: "저는 12분이 걸렸습니다. 22번 자리라면 어느 정도가 알맞은지 알고 싶어요.",
    comments: [["hayun", "8분을 넘기면 표시해 두고 다음으로 가는 것을 권합니다."]],
  },
  {
    questionKey: "dohyun-05",
    writer: "buyer",
    title: "변곡점에서의 접선은 세 번 세나요?",
    body: "변곡점을 지나는 접선을 하나로 세는지, 중근처럼 세는지 헷갈립니다.",
    comments: [
      ["dohyun", "접선의 개수는 직선의 개수로 셉니다. 변곡점에서의 접선도 하나입니다."],
      ["buyer", "접점이 아니라 직선을 세는 거였군요."],
    ],
  },
  {
    questionKey: "dohyun-05",
    writer: "dohyun",
    title: "[정오] 해설 3쪽 부등호 방향",
    body: "해설 3쪽 아래에서 다섯째 줄의 부등호 방향이 반대로 인쇄되어 있었습니다. 새 파일로 바꾸었으니 다시 내려받아 주세요.",
    comments: [],
  },
  {
    questionKey: "seojun-03",
    writer: "buyer",
    title: "상대 속도로 푸는 방법이 잘 안 보여요",
    body: "식을 두 개 세워서 풀기는 했는데, 상대 속도를 쓰면 한 줄이라고 하셔서요. 기준을 어느 물체로 잡으면 되나요?",
    comments: [
      ["seojun", "먼저 출발한 물체를 기준으로 잡으세요. 가속도가 같으니 나중 물체는 등속으로 다가옵니다."],
    ],
  },
];
