import { linkToken, onSubmit, show } from "./forms.js";
import { collectPersonalData } from "./personal-data.js";
import { callAs, findToken, signIn, signOut } from "./session.js";

const user = "questioncloud.user.v1";
const forms = document.querySelector("#forms");
const withdrawForm = document.querySelector("#withdraw");

try {
  if (!(await findToken())) {
    await signIn(document.querySelector("#login"), document.querySelector("#status"));
  }
  const { profile } = await callAs(`${user}.ProfileService/GetProfile`, {});
  show("good", `${profile.name}님 (${profile.email})`);
  forms.hidden = false;
} catch (error) {
  show("bad", error.message);
}

for (const password of linkToken ? document.querySelectorAll("#forms [name=password]") : []) {
  password.required = false;
  password.closest("label").hidden = true;
}

if (linkToken) {
  document.querySelector("#social-accounts").hash = `token=${linkToken}`;
}

/** The fields of a form, with the token of the mail in place of the password. */
const identified = fields => (linkToken ? { ...fields, password: "", confirmationToken: linkToken } : fields);

for (const form of document.querySelectorAll("form[data-method]")) {
  onSubmit(form, fields => callAs(form.dataset.method, identified(fields)));
}

onSubmit(withdrawForm, async ({ waivePoints, ...fields }) => {
  const proof = waivePoints ? { waivePoints: true } : { pointClearance: await clearance() };
  await callAs(`${user}.AccountService/Withdraw`, identified({ ...fields, ...proof }));
  await signOut().catch(() => undefined);
});

document.querySelector("#export").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  try {
    const json = JSON.stringify(await collectPersonalData(callAs), null, 2);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    link.download = "questioncloud.json";
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    show("bad", error.message);
  }
  target.disabled = false;
});

async function clearance() {
  return (await callAs("questioncloud.point.v1.PointService/CreateWithdrawalClearance", {})).clearance;
}
