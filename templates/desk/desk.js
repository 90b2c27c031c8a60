// The front desk works without this script. With it, the library is searched while you type, and one press on a button
// sends a form once.
"use strict";

// Words as they are compared: small letters, no marks, single blanks (as clinicpress.clinics.folded, and without accents).
const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").split(/\s+/).filter(Boolean);

function searchWhileTyping(form) {
  const words = form.querySelector("[data-words]");
  const kind = form.querySelector("[data-kind]");
  const language = form.querySelector("[data-language]");
  const count = form.querySelector("[data-count]");
  const cards = [...form.querySelectorAll("[data-card]")];
  const show = () => {
    const wanted = folded(words.value);
    let shown = 0;
    for (const card of cards) {
      const said = folded(card.dataset.said).join(" ");
      const fits = wanted.every((word) => said.includes(word))
        && (!kind.value || kind.value === card.dataset.ofKind)
        && (!language.value || language.value === card.dataset.ofLanguage);
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    const { one, many, none } = count.dataset;
    count.textContent = shown === 0 ? none : shown === 1 ? one : many.replace("{number}", String(shown));
  };
  for (const control of [words, kind, language]) control.addEventListener("input", show);
  // Enter in the search field searches; all is shown already.
  words.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

for (const form of document.querySelectorAll("[data-library]")) searchWhileTyping(form);

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
