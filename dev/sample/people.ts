import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";

/** The password of all people in the sample data. */
export const samplePassword = "sample-password-1";

/** A person to sign up. */
export interface SamplePerson {
  readonly email: string;
  readonly name: string;
  readonly phone: string;
}

/** A creator to register. */
export interface SampleCreator extends SamplePerson {
  /** Names the creator inside the sample data. */
  readonly key: string;
  readonly creatorName: string;
  readonly mainSubject: Subject;
  readonly introduction: string;
}

/** The operator. */
export const sampleAdmin: SamplePerson = {
  email: "admin@sample.questioncloud.example",
  name: "운영자",
  phone: "01070000001",
};

/** The first has points, coupons and purchases, the second only an account. */
export const sampleBuyers: readonly [SamplePerson, SamplePerson] = [
  { email: "buyer@sample.questioncloud.example", name: "이수험", phone: "01070000002" },
  { email: "newcomer@sample.questioncloud.example", name: "오신입", phone: "01070000003" },
];

/** A student who buys questions and reviews them. */
interface SampleStudent extends SamplePerson {
  /** Names the student inside the sample data. */
  readonly key: string;
}

const student = (key: string, name: string, phone: string): SampleStudent => ({
  key,
  email: `${key}@sample.questioncloud.example`,
  name,
  phone,
});

export const sampleStudents: readonly SampleStudent[] = [
  student("minjun", "김민준", "01070000021"),
  student("seoyeon", "이서연", "01070000022"),
  student("jiho", "박지호", "01070000023"),
  student("yuna", "최유나", "01070000024"),
];

export const sampleCreators: readonly SampleCreator[] = [
  {
    key: "hayun",
    email: "hayun@sample.questioncloud.example",
    name: "정하윤",
    phone: "01070000011",
    creatorName: "하윤수학",
    mainSubject: Subject.MATHEMATICS,
    introduction:
      "수1과 수2의 기본기를 다지는 문항을 만듭니다. 계산보다 조건을 읽는 힘을 기르는 데 초점을 두고, 모든 문항을 세 번 이상 검토합니다.",
  },
  {
    key: "dohyun",
    email: "dohyun@sample.questioncloud.example",
    name: "박도현",
    phone: "01070000012",
    creatorName: "도현의 미적분",
    mainSubject: Subject.MATHEMATICS,
    introduction:
      "미적분과 확률과 통계 준킬러·킬러 문항을 씁니다. 그래프의 개형을 끝까지 추론하는 연습을 하고 싶은 분께 권합니다.",
  },
  {
    key: "seojun",
    email: "seojun@sample.questioncloud.example",
    name: "이서준",
    phone: "01070000013",
    creatorName: "물리하는 서준",
    mainSubject: Subject.PHYSICS,
    introduction:
      "물리학Ⅰ 역학 문항을 가장 좋아합니다. 식을 많이 세우지 않고 운동량과 에너지로 한 번에 푸는 길을 해설에 담습니다.",
  },
  {
    key: "jiwoo",
    email: "jiwoo@sample.questioncloud.example",
    name: "최지우",
    phone: "01070000014",
    creatorName: "몰 잡는 지우화학",
    mainSubject: Subject.CHEMISTRY,
    introduction:
      "화학 양적 관계를 어려워하는 학생을 위해 기본형부터 심화형까지 단계별로 만듭니다. 표와 그래프 자료 해석을 빠짐없이 다룹니다.",
  },
  {
    key: "yerin",
    email: "yerin@sample.questioncloud.example",
    name: "김예린",
    phone: "01070000015",
    creatorName: "예린의 생명과학",
    mainSubject: Subject.BIOLOGY,
    introduction:
      "생명과학Ⅰ 유전 단원 전문입니다. 가계도와 염색체 추론을 표 하나로 정리하는 풀이를 제안합니다.",
  },
  {
    key: "taeo",
    email: "taeo@sample.questioncloud.example",
    name: "한태오",
    phone: "01070000016",
    creatorName: "태오지구과학",
    mainSubject: Subject.EARTH_SCIENCE,
    introduction:
      "지구과학Ⅰ 자료 해석 문항을 만듭니다. 실제 관측 자료의 꼴을 살린 그림으로 시험장에서 낯설지 않게 준비하세요.",
  },
];
