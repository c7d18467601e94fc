// On every page, beside the app.

// A form that opens takes over what was typed into another: data-like names the field.
document.addEventListener("focusin", ({ target }) => {
  for (const field of target.form?.querySelectorAll("[data-like]") ?? []) {
    field.value ||= document.querySelector(field.dataset.like)?.value ?? "";
  }
});

// A menu closes when the focus or a click goes elsewhere, and on Escape, which gives the focus back.
for (const happened of ["focusin", "click"]) document.addEventListener(happened, ({ target }) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  const menu = key === "Escape" && document.activeElement?.closest(".menu[open]");
  if (!menu || menu.querySelector("dialog[open]")) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// What the server painted first stands until the app has drawn the page: then there is a frame, and no skeleton in it.
addEventListener("DOMContentLoaded", () => {
  const said = document.documentElement.dataset;
  const first = document.querySelector("first-paint");
  if (!first) return;
  said.painted = first.dataset.kind;
  const late = setTimeout(() => {
    first.querySelector(".first-paint__late").hidden = false;
    said.browser = "new"; // what is known must do
  }, 8000);
  const watch = new MutationObserver(makeWay);
  watch.observe(document.body, { childList: true, subtree: true });
  makeWay();

  function makeWay() {
    const page = document.querySelector("body > div.frame");
    if (!page || page.querySelector(".skeleton")) return;
    watch.disconnect();
    clearTimeout(late);
    first.remove();
  }
});

// A form that came back with something wrong: to its first wrong field, in a closed disclosure too.
new MutationObserver(changes => {
  const form = changes.at(-1).target
  const wrong = form.querySelector('[aria-invalid="true"]')
  if (!wrong || form.dataset.refused === '0') return
  const disclosure = wrong.closest('details')
  if (disclosure) disclosure.open = true
  wrong.focus()
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-refused'] })

// Questions, guests and reasons are drawn again when the connection comes back: what was typed into them is put back.
// At another address nothing of it is: a form of the same shape is another one there.
const typed = new Map()
let typedAt = location.href
const here = () => {
  if (typedAt !== location.href) typed.clear()
  typedAt = location.href
  return typed
}
const nameOf = ({ name, type, value, dataset }) =>
  dataset.asks ? `${dataset.asks} ${type === 'checkbox' ? value : ''}` : name // a question may change its place
const isKept = field => field.matches(':is(.book__form, .form--kept) :is(input:not([type=hidden]), textarea, select)')
for (const happened of ['input', 'change']) document.addEventListener(happened, ({ target }) => {
  if (isKept(target)) here().set(nameOf(target), target.type === 'checkbox' ? target.checked : target.value)
})
new MutationObserver(changes => {
  for (const node of changes.flatMap(change => [...change.addedNodes])) {
    if (node.nodeType !== Node.ELEMENT_NODE) continue
    for (const field of [node, ...node.querySelectorAll('input, textarea, select')]) {
      if (!isKept(field) || !here().has(nameOf(field))) continue
      const kept = typed.get(nameOf(field))
      if (field.type === 'checkbox') field.checked = kept
      else if (field.type === 'radio') field.checked = field.value === kept
      else field.value = kept
      const disclosure = field.closest('details')
      if (disclosure && field.value) disclosure.open = true
    }
  }
}).observe(document, { subtree: true, childList: true })

// On a phone one step is shown at a time. What had the focus goes out of sight with its step, and the focus goes on.
const STEPS = { day: '.book__days .day[tabindex="0"]', time: '#times', form: '#chosen' }
const oneAtATime = matchMedia('(max-width: 43.99rem) and (pointer: coarse)')
new MutationObserver(changes => requestAnimationFrame(() => {
  const book = changes.at(-1).target
  const focused = document.activeElement
  if (!oneAtATime.matches || book.hidden || (focused !== document.body && focused.checkVisibility())) return
  book.querySelector(STEPS[book.dataset.step])?.focus()
})).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-step'] })

// Who changes the language of their pages is shown them in it.
new MutationObserver(changes => {
  if (changes.some(({ oldValue, target }) => oldValue && oldValue !== target.dataset.speaks)) location.reload()
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-speaks'], attributeOldValue: true })
