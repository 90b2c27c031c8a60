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

// A second press while the first is on its way does nothing. The server would print once in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
// A page that comes back with the browser's "back" may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) { delete form.dataset.sent; form.removeAttribute("aria-busy"); }
});

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
