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

// What is wrong is read out first, and the keyboard stands there.
document.querySelector("[data-focus]")?.focus();
