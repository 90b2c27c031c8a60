// The front desk works without this script. With it, lists are searched while you type, and one press on a button sends
// a form once.
"use strict";

// Words as they are compared: small letters, no marks, single blanks (as clinicpress.clinics.folded, and without accents).
const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").split(/\s+/).filter(Boolean);

// In a [data-search]: the field [data-words], what is counted in [data-count], and every [data-card] with its words in
// data-said. A select with data-filter="kind" leaves the cards of one data-of-kind.
function searchWhileTyping(list) {
  const words = list.querySelector("[data-words]");
  const filters = [...list.querySelectorAll("[data-filter]")];
  const count = list.querySelector("[data-count]");
  const cards = [...list.querySelectorAll("[data-card]")].map((card) => ({ card, said: folded(card.dataset.said).join(" ") }));
  const show = () => {
    const wanted = folded(words.value);
    let shown = 0;
    for (const { card, said } of cards) {
      const fits = wanted.every((word) => said.includes(word))
        && filters.every((one) => !one.value || one.value === card.getAttribute(`data-of-${one.dataset.filter}`));
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    const { one, many, none } = count.dataset;
    count.textContent = shown === 0 ? none : shown === 1 ? one : many.replace("{number}", String(shown));
  };
  for (const control of [words, ...filters]) control.addEventListener("input", show);
  // Enter in the search field searches; all is shown already.
  words.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

for (const one of document.querySelectorAll("[data-script]")) one.hidden = false; // of no use without this script
for (const one of document.querySelectorAll("[data-no-script]")) one.hidden = true; // of no use with it
for (const list of document.querySelectorAll("[data-search]")) searchWhileTyping(list);

// A second press while the first is on its way does nothing. The server would print once in any case. What takes longer
// than a blink is said. Whoever stops the browser may send the form again: Esc is heard, and a press of its own button
// is not, so a while later a press counts in any case.
const SAID_AFTER = 500, COUNTS_AFTER = 5000;  // milliseconds
const working = document.querySelector("[data-working]");
let toSay = 0, toCount = 0;
function sendable() {
  for (const form of document.querySelectorAll("[data-sent]")) { delete form.dataset.sent; form.removeAttribute("aria-busy"); }
}
function quiet() {
  clearTimeout(toSay);
  clearTimeout(toCount);
  sendable();
  working.textContent = "";
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  quiet();
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  toSay = setTimeout(() => { working.textContent = form.dataset.says || working.dataset.says; }, SAID_AFTER);
  toCount = setTimeout(sendable, COUNTS_AFTER);
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") quiet(); });
window.addEventListener("pageshow", quiet);  // a page that comes back with the browser's "back" may be sent again

// Whoever types or clicks stays signed in; whoever does not is asked in time. At the end the page goes, and no patient
// stays on the screen; what was typed is sent before, for the server keeps it until the same person is back.
function watch(dialog) {
  const idle = Number(dialog.dataset.idle) * 1000;
  const warning = Math.min(Math.max(20000, Math.min(60000, idle / 5)), idle / 2);  // WCAG 2.2.1: 20 seconds at least
  const why = dialog.querySelector("#leaving-why");
  const words = why.textContent;
  const token = dialog.dataset.token;
  let told = Date.now(), timer = 0, end = told + idle;
  const asked = async (place, options = {}) => {
    const answer = await fetch(place, { redirect: "manual", ...options });
    if (answer.type === "opaqueredirect") return 0;  // nobody is signed in any more
    if (!answer.ok) throw new Error("the desk was started again");
    return (await answer.json()).left * 1000;
  };
  const stay = () => {
    told = Date.now();
    asked("/stay", { method: "POST", body: new URLSearchParams({ token }) }).then(set, () => {});
  };
  const leave = async () => {
    clearTimeout(timer);
    document.querySelector("main").hidden = true;
    await new Promise((done) => setTimeout(done, 500));  // by now it is over for the server, too
    for (const form of document.querySelectorAll("form[data-kept][data-typed]")) {
      const body = new URLSearchParams(new FormData(form));
      await fetch(form.action, { method: "POST", redirect: "manual", body, signal: AbortSignal.timeout(3000) }).catch(() => {});
    }
    location.replace(location.pathname);  // the server remembers it for the same person, and asks who it is
  };
  const set = (left) => {
    end = Date.now() + left;
    clearTimeout(timer);
    if (left <= 0) { leave(); return; }
    if (left > warning) {
      dialog.close();
      timer = setTimeout(look, left - warning);
      return;
    }
    if (!dialog.open) dialog.showModal();
    count();
  };
  const look = () => asked("/session/state").then(set, () => set(end - Date.now()));  // another tab may have been used
  const count = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    why.textContent = words.replace("{seconds}", String(Math.max(0, seconds)));
    timer = setTimeout(seconds % 5 ? count : look, Math.min(1000, Math.max(200, end - Date.now())));
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "input"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest?.("form[data-kept]");
      if (form && kind === "input") form.dataset.typed = "yes";
      if (!dialog.open && Date.now() - told > Math.min(60000, idle / 5)) stay();
    }, { passive: true, capture: true });
  }
  dialog.addEventListener("close", () => { if (end - Date.now() <= warning) stay(); });  // its button, or Esc
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });  // time goes on elsewhere
  timer = setTimeout(look, idle - warning);
}

for (const dialog of document.querySelectorAll("dialog[data-idle]")) watch(dialog);

// Sides that a printer cannot do are not offered while it is chosen.
for (const form of document.querySelectorAll("[data-printing]")) {
  const sides = form.elements.sides;
  const fit = () => {
    const able = (form.querySelector("[name=printer]:checked")?.dataset.sides || "").split(" ");
    for (const option of sides.options) option.disabled = !able.includes(option.value);
    if (sides.selectedOptions[0]?.disabled) sides.value = able[0];
  };
  if (sides) { form.addEventListener("change", fit); fit(); }
}

// Documents are there to be ticked while no procedure brings its own; what is ticked stays in sight.
for (const ticks of document.querySelectorAll("[data-ticks]")) {
  const procedure = document.getElementById(ticks.dataset.ticks);
  procedure.addEventListener("change", () => { ticks.open = !procedure.value || ticks.querySelector(":checked") !== null; });
}

// A print is followed on its page. The server follows it in any case, and the page says so without this too.
function follow(part) {
  const status = part.querySelector("[data-sentence]");
  const sheets = part.querySelector("[data-sheets]");
  const begun = Date.now();
  part.querySelector("[data-by-hand]").hidden = true;
  const show = ({ stage, sentence, sheets: number }) => {
    if (status.textContent !== sentence) status.textContent = sentence;  // a change is read out, and nothing else
    sheets.hidden = !number;
    sheets.querySelector("[data-number]").textContent = String(number);
    if (stage === part.dataset.stage) return;
    part.dataset.stage = stage;
    for (const one of part.querySelectorAll("[data-when]")) {
      const hide = !one.dataset.when.split(" ").includes(stage);
      if (hide && one.contains(document.activeElement)) status.focus();  // the keyboard keeps its place
      one.hidden = hide;
    }
  };
  const ask = async () => {
    let wait = Date.now() - begun < 120000 ? 1000 : 5000;
    try {
      const answer = await fetch(part.dataset.follow, { redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 404) { location.reload(); return; }
      if (answer.ok) show(await answer.json());
    } catch { wait = 5000; }  // the desk is away for the moment
    if (part.dataset.stage !== "working") return;
    // The page of a print that lasts is looked at again by hand: whoever left is to be signed out.
    if (Date.now() - begun > 600000) part.querySelector("[data-by-hand]").hidden = false;
    else setTimeout(ask, wait);
  };
  if (part.dataset.stage === "working") setTimeout(ask, 300);
}

for (const part of document.querySelectorAll("[data-follow]")) follow(part);

// What is wrong is read out first, and the keyboard stands there.
document.querySelector("[data-focus]")?.focus();
