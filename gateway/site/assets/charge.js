import { callAs, findToken, signIn } from "./session.js";

const point = "questioncloud.point.v1.PointService";
const status = document.querySelector("#status");
const confirmAttempts = 5;
const pollForMs = 180_000;

const order = readOrder(new URLSearchParams(location.search));

try {
  if (!order.chargeId || !order.paymentKey || !/^[0-9]+$/.test(order.amountPoints)) {
    throw new Error("결제 정보가 올바르지 않습니다.");
  }
  if (!(await findToken())) {
    show("", "충전을 마치려면 로그인해 주세요.");
    await signIn(document.querySelector("#login"), status);
  }
  show("", "결제를 확인하고 있습니다…");
  showResult(await waitForResult(await confirm()));
} catch (error) {
  show("bad", error.message);
}
document.querySelector("#next").hidden = false;

// Each PSP has its own names for the parameters that it adds to our address. Parameters of the order, such as
// `chargeIdName`, say which they are.
function readOrder(query) {
  const read = field => query.get(query.get(`${field}Name`) ?? "") ?? "";
  return {
    chargeId: read("chargeId"),
    paymentKey: read("paymentKey"),
    amountPoints: read("amountPoints"),
  };
}

/** Repeats a call whose answer was lost, which is safe. */
async function confirm() {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await callAs(`${point}/ConfirmCharge`, order)).charge;
    } catch (error) {
      const lost = ["unavailable", "deadline_exceeded"].includes(error.code);
      if (!lost || attempt === confirmAttempts) {
        throw error;
      }
      await pause(attempt * 1000);
    }
  }
}

async function waitForResult(first) {
  const end = Date.now() + pollForMs;
  let charge = first;
  for (let waitMs = 500; charge.state === "CHARGE_STATE_CONFIRMING" && Date.now() < end; waitMs *= 1.5) {
    await pause(Math.min(waitMs, 5000));
    const answer = await callAs(`${point}/GetCharge`, { chargeId: order.chargeId }).catch(() => undefined);
    charge = answer?.charge ?? charge;
  }
  return charge;
}

function showResult(charge) {
  switch (charge.state) {
    case "CHARGE_STATE_CHARGED":
      show("good", "충전이 완료되었습니다.");
      break;
    case "CHARGE_STATE_CONFIRMING":
      show("", "결제 결과를 확인하는 중입니다. 확인되는 대로 포인트가 충전됩니다.");
      break;
    case "CHARGE_STATE_ORDERED":
      show("bad", "결제 내역을 찾을 수 없습니다. 다시 결제해 주세요.");
      break;
    case "CHARGE_STATE_EXPIRED":
      show("bad", "결제 가능 시간이 지났습니다.");
      break;
    case "CHARGE_STATE_CANCELLED":
      show("bad", "취소된 주문입니다.");
      break;
    case "CHARGE_STATE_CLOSED":
      show("bad", "결제 결과를 확인하지 못해 종료된 주문입니다. 결제하셨다면 고객센터에 문의해 주세요.");
      break;
    default:
      show("bad", charge.failureMessage || "결제가 완료되지 않았습니다. 결제된 금액은 없습니다.");
  }
  const list = document.querySelector("#charge");
  addTerm(list, "주문 번호", charge.chargeId);
  addTerm(list, "포인트", Number(charge.amountPoints ?? 0).toLocaleString("ko-KR"));
}

function addTerm(list, term, text) {
  const name = document.createElement("dt");
  const value = document.createElement("dd");
  name.textContent = term;
  value.textContent = text;
  list.append(name, value);
}

function show(kind, text) {
  status.className = kind;
  status.textContent = text;
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
