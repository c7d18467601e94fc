// Runs before the app, on every page: what the server wants to know of this browser must be in its storage by then.
// The receipt is this browser's own proof of the bookings it makes: made once, never changed.
try {
  if (!localStorage.getItem("singleuse_receipt")) {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
    localStorage.setItem("singleuse_receipt", bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  localStorage.setItem("singleuse_browser_time_zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
} catch {
  // Storage is blocked: the page works without it, it only cannot recognise this browser again.
}

// A form that came back with something wrong: to its first wrong field, in a closed disclosure too.
new MutationObserver(changes => {
  const form = changes.at(-1).target
  const wrong = form.querySelector('[aria-invalid="true"]')
  if (!wrong || form.dataset.refused === '0') return
  const disclosure = wrong.closest('details')
  if (disclosure) disclosure.open = true
  wrong.focus()
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-refused'] })

// Questions and guests are drawn again when the connection comes back: what was typed into them is put back.
const typed = new Map()
const nameOf = field => `${location.pathname} ${field.name}`
const isKept = field => field.matches('.book__form :is(input:not([type=hidden]), textarea, select)')
for (const happened of ['input', 'change']) document.addEventListener(happened, ({ target }) => {
  if (isKept(target)) typed.set(nameOf(target), target.type === 'checkbox' ? target.checked : target.value)
})
new MutationObserver(changes => {
  for (const node of changes.flatMap(change => [...change.addedNodes])) {
    if (node.nodeType !== Node.ELEMENT_NODE) continue
    for (const field of [node, ...node.querySelectorAll('input, textarea, select')]) {
      if (!isKept(field) || !typed.has(nameOf(field))) continue
      if (field.type === 'checkbox') field.checked = typed.get(nameOf(field))
      else field.value = typed.get(nameOf(field))
      const disclosure = field.closest('details')
      if (disclosure && field.value) disclosure.open = true
    }
  }
}).observe(document, { subtree: true, childList: true })
