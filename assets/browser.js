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
